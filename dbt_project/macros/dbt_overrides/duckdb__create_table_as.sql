{#-
    Overrides dbt_duckdb.duckdb__create_table_as (dbt-duckdb 1.11.1).

    A table is made anew behind the fence, in its transaction.
-#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) %}
    {% if not temporary and model.resource_type == 'model' %}
        {% do fence_write() %}
    {% endif %}
    {{ return(dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, partitioned_by, sorted_by)) }}
{% endmacro %}
