{#-
    Overrides dbt_duckdb.duckdb__create_table_as (dbt-duckdb 1.11.1).

    A table is made anew behind the fence, in its transaction, and in the order of its `sort`: then a filter on event_hour
    reads the parts of the table that hold these hours (DuckDB keeps the least and greatest value of each part).
    https://duckdb.org/docs/stable/guides/performance/indexing#zonemaps
-#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) %}
    {% if not temporary and model.resource_type == 'model' %}
        {% do fence_write() %}
        {% set compiled_code = "select * from (\n" ~ compiled_code ~ "\n) as built order by " ~ config.get('sort') | join(', ') if config.get('sort') else compiled_code %}
    {% endif %}
    {{ return(dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, partitioned_by, sorted_by)) }}
{% endmacro %}
