{#- Which dbt commands do what: the only place that names them. -#}

{#- Makes models' tables and views. -#}
{% macro command_builds_models() %}{{ return(flags.WHICH in ('run', 'build')) }}{% endmacro %}

{#- Writes to the warehouse, and so needs the run lock. -#}
{% macro command_writes() %}{{ return(command_builds_models() or flags.WHICH == 'seed') }}{% endmacro %}

{#- Reads raw, and so needs its tables and their partitions. -#}
{% macro command_reads_raw() %}{{ return(command_writes() or flags.WHICH in ('test', 'freshness')) }}{% endmacro %}

{#- Runs data tests. -#}
{% macro command_tests() %}{{ return(flags.WHICH in ('build', 'test')) }}{% endmacro %}
