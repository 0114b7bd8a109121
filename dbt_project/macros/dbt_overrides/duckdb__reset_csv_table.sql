{#-
    Overrides dbt.default__reset_csv_table (dbt-adapters 1.24.5) on DuckDB.

    A seed is replaced at once (spark__csv_table.sql has the reason): dropping the table with --full-refresh, too, is in the
    transaction in which dbt then fills it. dbt-duckdb drops it before.
-#}
{% macro duckdb__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {% do adapter.ensure_transaction() %}
    {{ return(default__reset_csv_table(model, full_refresh, old_relation, agate_table)) }}
{% endmacro %}
