{#- Nothing to do: a file has no roles. -#}
{% macro duckdb__grant_usage() %}{% endmacro %}
