{#-
    Overrides dbt_spark.spark__create_table_as (dbt-spark 1.11.0).

    A table is made anew behind the fence, in one statement.
-#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') %}
    {% if not temporary and model.resource_type == 'model' %}
        {% set existing = load_cached_relation(relation) %}
        {% set compiled_code = "select * from (\n" ~ compiled_code ~ "\n) as built where " ~ spark_fence(relation if existing and not existing.is_view else none) %}
    {% endif %}
    {{ return(dbt.spark__create_table_as(temporary, relation, compiled_code, language)) }}
{% endmacro %}
