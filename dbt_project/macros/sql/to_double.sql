{#- A 64-bit float. The two engines spell the type differently. -#}
{% macro to_double(expression) %}{{ return(adapter.dispatch('to_double')(expression)) }}{% endmacro %}

{% macro default__to_double(expression) %}
    {{ exceptions.raise_compiler_error("to_double is not written for " ~ target.type ~ ": add " ~ target.type ~ "__to_double") }}
{% endmacro %}

{% macro spark__to_double(expression) %}cast({{ expression }} as double){% endmacro %}

{% macro redshift__to_double(expression) %}cast({{ expression }} as double precision){% endmacro %}

{% macro duckdb__to_double(expression) %}cast({{ expression }} as double){% endmacro %}
