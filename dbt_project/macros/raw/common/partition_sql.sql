{#-
    The partition of a landing hour, and where it lies, as part of an ALTER TABLE. `verb` is `location` where the partition
    is added, `set location` where it is moved.
-#}
{% macro partition_sql(table, hour, verb, folder) %}{{ return(adapter.dispatch('partition_sql')(table, hour, verb, folder)) }}{% endmacro %}

{% macro default__partition_sql(table, hour, verb, folder) %}
    {{ exceptions.raise_compiler_error("partition_sql is not written for " ~ target.type ~ ": add " ~ target.type ~ "__partition_sql") }}
{% endmacro %}
