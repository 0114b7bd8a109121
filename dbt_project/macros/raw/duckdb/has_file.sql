{#- Whether a file has this path, which may be a pattern. -#}
{% macro duckdb_has_file(pattern) %}{{ return(run_query("from glob(" ~ duckdb_text(pattern) ~ ") limit 1").rows | length > 0) }}{% endmacro %}
