{#-
    DuckDB has no partitions: a run reads which files there are, from the records of compaction and the ledger. The records
    come first, so that the ledger has each of their hours.
-#}
{% macro duckdb__add_landed_partitions() %}
    {% do duckdb_check_landing() %}
    {% do duckdb_read_records() %}
    {% do duckdb_read_ledger() %}
    {% do duckdb_make_views() %}
{% endmacro %}
