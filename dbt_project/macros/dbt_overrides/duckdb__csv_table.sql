{#-
    Overrides dbt.default__create_csv_table (dbt-adapters 1.24.5) and
    dbt.default__reset_csv_table (dbt-adapters 1.24.5) on DuckDB.

    A seed is replaced at once (spark__csv_table.sql has the reason), behind the fence: dropping the table with
    --full-refresh, too, is in the transaction in which dbt then fills it. dbt-duckdb drops it before.
-#}
{% macro duckdb__create_csv_table(model, agate_table) %}
    {% do load_seed() %}
    {% do fence_write() %}
    {{ return(dbt.default__create_csv_table(model, agate_table)) }}
{% endmacro %}

{% macro duckdb__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {% do load_seed() %}
    {% do fence_write() %}
    {% if full_refresh %}
        {% call statement('drop_seed') %}drop table {{ old_relation }}{% endcall %}
        {{ return(dbt.default__create_csv_table(model, agate_table)) }}
    {% endif %}
    {{ return(dbt.default__reset_csv_table(model, full_refresh, old_relation, agate_table)) }}
{% endmacro %}
