{#- Microseconds since 1970-01-01 of a timestamp: a bigint. Times come back to Jinja this way, free of any time zone. -#}
{% macro epoch_us(expression) %}{{ return(adapter.dispatch('epoch_us')(expression)) }}{% endmacro %}

{% macro default__epoch_us(expression) %}
    {{ exceptions.raise_compiler_error("epoch_us is not written for " ~ target.type ~ ": add " ~ target.type ~ "__epoch_us") }}
{% endmacro %}

{% macro spark__epoch_us(expression) %}unix_micros({{ expression }}){% endmacro %}

{#- https://docs.aws.amazon.com/redshift/latest/dg/r_EXTRACT_function.html -#}
{% macro redshift__epoch_us(expression) -%}
(cast(extract(epoch from date_trunc('second', {{ expression }})) as bigint) * 1000000
        + mod(cast(extract(microseconds from {{ expression }}) as bigint), 1000000))
{%- endmacro %}

{#- https://duckdb.org/docs/stable/sql/functions/timestamp -#}
{% macro duckdb__epoch_us(expression) %}epoch_us({{ expression }}){% endmacro %}
