{#- https://duckdb.org/docs/stable/data/multiple_files/overview -#}
{% macro duckdb__ledger_files() %}
    {% set pattern = landing_root() ~ '/raw/landed_batches/landed_date=*/landed_hour=*/*.parquet' %}
    {% set table = raw_tables() | selectattr('identifier', 'equalto', 'landed_batches') | first %}
    {{ return(duckdb_from_parquet(table, duckdb_text(pattern)) if duckdb_has_file(pattern) else none) }}
{% endmacro %}
