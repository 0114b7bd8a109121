{#- The external tables over what was landed, made from the contract. Idempotent. -#}
{% macro create_raw_tables() %}{{ return(adapter.dispatch('create_raw_tables')()) }}{% endmacro %}

{% macro default__create_raw_tables() %}
    {{ exceptions.raise_compiler_error("create_raw_tables is not written for " ~ target.type ~ ": add " ~ target.type ~ "__create_raw_tables") }}
{% endmacro %}
