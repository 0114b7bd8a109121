{#- https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_external-table.html -#}
{% macro redshift__partition_sql(table, hour, verb, folder) -%}
partition ({{ hour.strftime("landed_date='%Y-%m-%d', landed_hour='%H'") }}) {{ verb }} '{{ partition_folder(folder, table, hour) }}/'
{%- endmacro %}
