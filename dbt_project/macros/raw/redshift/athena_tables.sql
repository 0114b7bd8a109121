{#-
    The same tables in Athena's DDL, printed: dbt run-operation athena_tables. Needed only where no Redshift has made
    them: both use the Glue catalog.
    https://docs.aws.amazon.com/athena/latest/ug/create-table.html
-#}
{% macro athena_tables() %}
    {% set database = var('glue_database', 'junction_raw') %}
    {% do print("create database if not exists " ~ database ~ ";") %}
    {% for table in raw_tables() %}
        {% do print(athena_table_sql(database, table) ~ ";") %}
        {% do print("msck repair table " ~ database ~ "." ~ table.identifier ~ ";") %}
    {% endfor %}
{% endmacro %}

{% macro athena_table_sql(database, table) -%}
create external table if not exists {{ database }}.{{ table.identifier }} (
    {{ column_list(raw_columns(table), athena_type, '`') }}
)
partitioned by (landed_date date, landed_hour string)
stored as parquet
location '{{ landing_root() }}/raw/{{ table.identifier }}/'
{%- endmacro %}

{% macro athena_type(data_type) %}{{ return('int' if data_type == 'integer' else data_type) }}{% endmacro %}
