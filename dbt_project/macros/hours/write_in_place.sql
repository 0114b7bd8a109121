{#-
    Replaces the reopened rows of a table on DuckDB, or appends to it, behind the fence, in one transaction. dbt-duckdb would
    write each row twice, to a temporary relation first, and compare columns again: half of a run's statements.
    https://duckdb.org/docs/stable/sql/statements/insert#insert-into--by-name
-#}
{% macro write_in_place() %}
    {% do fence_write() %}
    {% if config.get('incremental_strategy') == 'replace_hours' %}
        {% call statement('replaced') %}delete from {{ this }} where {{ reopened_condition(compiled_code) }}{% endcall %}
    {% endif %}
    {% call statement('main') %}
insert into {{ this }} by name
{{ compiled_code }}
    {% endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmacro %}
