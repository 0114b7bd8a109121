{#-
    From here on the statements of this connection find in a raw table what was landed after `low` (epoch microseconds;
    none: all) and perhaps more: the reader's own conditions stay. For engines that read raw's files by their names.
-#}
{% macro narrow_raw(table, low) %}{{ return(adapter.dispatch('narrow_raw')(table, low)) }}{% endmacro %}

{% macro default__narrow_raw(table, low) %}
    {{ exceptions.raise_compiler_error("narrow_raw is not written for " ~ target.type ~ ": add " ~ target.type ~ "__narrow_raw") }}
{% endmacro %}
