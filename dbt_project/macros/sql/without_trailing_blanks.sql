{#- A text without the blanks at its end: spaces only (decision 18). -#}
{% macro without_trailing_blanks(text) %}{{ return(adapter.dispatch('without_trailing_blanks')(text)) }}{% endmacro %}

{% macro default__without_trailing_blanks(text) %}
    {{ exceptions.raise_compiler_error("without_trailing_blanks is not written for " ~ target.type ~ ": add " ~ target.type ~ "__without_trailing_blanks") }}
{% endmacro %}

{% macro spark__without_trailing_blanks(text) %}rtrim({{ text }}){% endmacro %}

{% macro redshift__without_trailing_blanks(text) %}rtrim({{ text }}){% endmacro %}

{#- By itself it takes a non-breaking space too. https://duckdb.org/docs/stable/sql/functions/text -#}
{% macro duckdb__without_trailing_blanks(text) %}rtrim({{ text }}, ' '){% endmacro %}
