{#- How many bytes a text has in UTF-8. -#}
{% macro octet_count(text) %}{{ return(adapter.dispatch('octet_count')(text)) }}{% endmacro %}

{% macro default__octet_count(text) %}
    {{ exceptions.raise_compiler_error("octet_count is not written for " ~ target.type ~ ": add " ~ target.type ~ "__octet_count") }}
{% endmacro %}

{% macro spark__octet_count(text) %}octet_length({{ text }}){% endmacro %}

{% macro redshift__octet_count(text) %}octet_length({{ text }}){% endmacro %}

{#- Its octet_length is of a BLOB. https://duckdb.org/docs/stable/sql/functions/text -#}
{% macro duckdb__octet_count(text) %}strlen({{ text }}){% endmacro %}
