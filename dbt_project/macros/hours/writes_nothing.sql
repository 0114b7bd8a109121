{#- Whether a compiled model says that its run has no hour to replace (only_reopened) and no row to append (receive). -#}
{% macro writes_nothing(compiled_sql) %}
    {% set only = config.get('incremental_strategy') %}
    {{ return(nothing_lands() in compiled_sql if only == 'append' else reopened_condition(compiled_sql) == '1 = 0') }}
{% endmacro %}

{#- What a received model is compiled with when nothing was landed since its last run. -#}
{% macro nothing_lands() %}{{ return('1 = 0 /* nothing was landed */') }}{% endmacro %}
