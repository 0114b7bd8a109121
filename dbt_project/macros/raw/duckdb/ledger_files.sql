{#- https://duckdb.org/docs/stable/data/multiple_files/overview -#}
{% macro duckdb__ledger_files() %}
    {% set pattern = duckdb_text(landing_root() ~ '/raw/landed_batches/landed_date=*/landed_hour=*/*.parquet') %}
    {% set table = raw_tables() | selectattr('identifier', 'equalto', 'landed_batches') | first %}
    {{ return(duckdb_from_parquet(table, pattern) if run_query("from glob(" ~ pattern ~ ") limit 1").rows | length else none) }}
{% endmacro %}
