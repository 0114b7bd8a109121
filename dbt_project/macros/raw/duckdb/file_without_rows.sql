{#-
    A Parquet file without rows, beside the database: read_parquet takes no empty list, and where nothing was landed there
    is no other file. As an SQL text.
-#}
{% macro duckdb_file_without_rows() %}{{ return(duckdb_text(duckdb_file() ~ '.no_rows.parquet')) }}{% endmacro %}

{#- Makes it where it is missing. -#}
{% macro duckdb_make_file_without_rows() %}
    {% set file = duckdb_file_without_rows() %}
    {% do run_query("copy (select 0 as number where false) to " ~ file ~ " (format parquet)") if not run_query("from glob(" ~ file ~ ")").rows | length %}
{% endmacro %}
