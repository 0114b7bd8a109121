{#- Whole milliseconds since 1970-01-01 of a timestamp, rounded down: a bigint. -#}
{% macro epoch_ms(expression) %}{{ return(adapter.dispatch('epoch_ms')(expression)) }}{% endmacro %}

{% macro default__epoch_ms(expression) %}
    {{ exceptions.raise_compiler_error("epoch_ms is not written for " ~ target.type ~ ": add " ~ target.type ~ "__epoch_ms") }}
{% endmacro %}

{% macro spark__epoch_ms(expression) %}unix_millis({{ expression }}){% endmacro %}

{#- https://docs.aws.amazon.com/redshift/latest/dg/r_EXTRACT_function.html -#}
{% macro redshift__epoch_ms(expression) -%}
(cast(extract(epoch from date_trunc('second', {{ expression }})) as bigint) * 1000
        + mod(cast(floor(extract(milliseconds from {{ expression }})) as bigint), 1000))
{%- endmacro %}

{#- Not epoch_ms(), which rounds up before 1970. https://duckdb.org/docs/stable/sql/functions/timestamp -#}
{% macro duckdb__epoch_ms(expression) %}(epoch_us(date_trunc('milliseconds', {{ expression }})) // 1000){% endmacro %}
