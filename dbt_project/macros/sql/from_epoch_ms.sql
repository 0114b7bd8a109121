{#- The timestamp of whole milliseconds since 1970-01-01. -#}
{% macro from_epoch_ms(expression) %}{{ return(adapter.dispatch('from_epoch_ms')(expression)) }}{% endmacro %}

{% macro default__from_epoch_ms(expression) %}
    {{ exceptions.raise_compiler_error("from_epoch_ms is not written for " ~ target.type ~ ": add " ~ target.type ~ "__from_epoch_ms") }}
{% endmacro %}

{% macro spark__from_epoch_ms(expression) %}timestamp_millis({{ expression }}){% endmacro %}

{% macro redshift__from_epoch_ms(expression) -%}
(timestamp '1970-01-01 00:00:00' + ({{ expression }}) * interval '1 millisecond')
{%- endmacro %}

{#- https://duckdb.org/docs/stable/sql/functions/timestamp -#}
{% macro duckdb__from_epoch_ms(expression) %}make_timestamp(cast(({{ expression }}) * 1000 as bigint)){% endmacro %}
