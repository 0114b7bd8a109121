{#- The tables that hold the ledger and the records of compaction have the contract's columns. -#}
{% macro duckdb__raw_tables_are_current() %}
    {% do duckdb_make_file_without_rows() %}
    {{ return(not duckdb_stale_tables()) }}
{% endmacro %}
