{#-
    The partitions that were landed since the last run. An engine works out from which hour each table can lack some, calls
    `add_partitions_since`, and records last of all how far it has come: what an interrupted run has not added is added
    by the next.
-#}
{% macro add_landed_partitions() %}{{ return(adapter.dispatch('add_landed_partitions')()) }}{% endmacro %}

{% macro default__add_landed_partitions() %}
    {{ exceptions.raise_compiler_error("add_landed_partitions is not written for " ~ target.type ~ ": add " ~ target.type ~ "__add_landed_partitions") }}
{% endmacro %}
