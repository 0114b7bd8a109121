{#-
    The incremental strategy of hourly models: the reopened hours are replaced, also those that have become empty.
    dbt-spark takes four names of strategies only and both adapters replace only the hours that occur in the new rows,
    so these macros of theirs are overridden here.
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
        {{ get_insert_into_sql(source, target) }}
    {%- else -%}
        {{ spark__replace_hours(source, target) }}
    {%- endif -%}
{% endmacro %}

{#- https://docs.delta.io/latest/delta-batch.html#replace-where -#}
{% macro spark__replace_hours(source, target) %}
    {%- set condition = reopened_condition(compiled_code) -%}
    {%- if condition == '1 = 0' -%}
        select 'nothing is reopened' as result
    {%- else -%}
        {%- set columns = adapter.get_columns_in_relation(target) | map(attribute='quoted') | join(', ') -%}
        insert into {{ target }} replace where {{ condition }}
        select {{ columns }} from {{ source }}
    {%- endif -%}
{% endmacro %}

{#- One transaction: dbt-redshift opens it around the strategy's statements. -#}
{% macro get_incremental_replace_hours_sql(arg_dict) %}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }} where {{ reopened_condition(compiled_code) }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}
