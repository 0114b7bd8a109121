{#- Does a text match a regular expression? Patterns use bracket classes only: a backslash means different things in the two engines. -#}
{% macro matches(expression, pattern) %}{{ return(adapter.dispatch('matches')(expression, pattern)) }}{% endmacro %}

{% macro default__matches(expression, pattern) %}
    {{ exceptions.raise_compiler_error("matches is not written for " ~ target.type ~ ": add " ~ target.type ~ "__matches") }}
{% endmacro %}

{#- Java's $ lets a last line break through; its \\z does not. -#}
{% macro spark__matches(expression, pattern) %}{{ expression }} rlike '{{ pattern | replace("$", "\\\\z") }}'{% endmacro %}

{% macro redshift__matches(expression, pattern) %}{{ expression }} ~ '{{ pattern }}'{% endmacro %}

{#- RE2: $ is the end of the text only. https://duckdb.org/docs/stable/sql/functions/regular_expressions -#}
{% macro duckdb__matches(expression, pattern) %}regexp_matches({{ expression }}, '{{ pattern }}'){% endmacro %}
