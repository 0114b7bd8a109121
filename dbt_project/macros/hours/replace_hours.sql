{#-
    The incremental strategy replace_hours of hourly models: the reopened hours are replaced, also those that have become
    empty. The strategies of dbt's adapters replace only the hours that occur in the new rows.
-#}

{#-
    For adapters that find a strategy by its name, as dbt-redshift does. One transaction: the fence opens it, and
    the strategy's statements follow in it.
-#}
{% macro get_incremental_replace_hours_sql(arg_dict) %}
    {%- do fence_write() -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }} where {{ reopened_condition(compiled_code) }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}

{#- For dbt-spark (dbt_spark_get_incremental_sql). https://docs.delta.io/latest/delta-batch.html#replace-where -#}
{% macro spark__replace_hours(source, target) %}
    {%- set condition = reopened_condition(compiled_code) -%}
    {%- if condition == no_rows() -%}
        select 'nothing is reopened' as result
    {%- else -%}
        {%- set columns = adapter.get_columns_in_relation(target) | map(attribute='quoted') | join(', ') -%}
        insert into {{ target }} replace where {{ condition }}
        select {{ columns }} from {{ source }} where {{ spark_fence(target) }}
    {%- endif -%}
{% endmacro %}
