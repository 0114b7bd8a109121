{#-
    Overrides dbt_spark.dbt_spark_validate_get_incremental_strategy (dbt-spark 1.11.0) and
    dbt_spark.dbt_spark_get_incremental_sql (dbt-spark 1.11.0).

    dbt-spark takes four names of strategies only. This project has two: append, and replace_hours, which replaces the
    reopened hours, also those that have become empty. Both write behind the fence.
-#}
{% macro dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format) %}
    {% if raw_strategy not in ['append', 'replace_hours'] or file_format != 'delta' %}
        {% do exceptions.raise_compiler_error(
            "Use the incremental strategy append or replace_hours on Delta, not " ~ raw_strategy ~ " on " ~ file_format ~ "."
        ) %}
    {% endif %}
    {{ return(raw_strategy) }}
{% endmacro %}

{% macro dbt_spark_get_incremental_sql(strategy, source, target, existing, unique_key, incremental_predicates) %}
    {%- if strategy == 'append' -%}
        {{ get_insert_into_sql(source, target) }} where {{ spark_fence(target) }}
    {%- else -%}
        {{ spark__replace_hours(source, target) }}
    {%- endif -%}
{% endmacro %}
