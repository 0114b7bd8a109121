{#- Whether the external tables are those of the contract. -#}
{% macro raw_tables_are_current() %}{{ return(adapter.dispatch('raw_tables_are_current')()) }}{% endmacro %}

{% macro default__raw_tables_are_current() %}
    {{ exceptions.raise_compiler_error("raw_tables_are_current is not written for " ~ target.type ~ ": add " ~ target.type ~ "__raw_tables_are_current") }}
{% endmacro %}
