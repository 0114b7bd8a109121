{#- Makes the external tables, or what they lack. With the run lock only (create_raw_tables). -#}
{% macro make_raw_tables() %}{{ return(adapter.dispatch('make_raw_tables')()) }}{% endmacro %}

{% macro default__make_raw_tables() %}
    {{ exceptions.raise_compiler_error("make_raw_tables is not written for " ~ target.type ~ ": add " ~ target.type ~ "__make_raw_tables") }}
{% endmacro %}
