{#- https://spark.apache.org/docs/latest/sql-ref-syntax-ddl-alter-table.html -#}
{% macro spark__partition_sql(table, hour, verb, folder) -%}
partition (landed_date = {{ date_literal(hour) }}, landed_hour = '{{ hour.strftime("%H") }}') {{ verb }} '{{ partition_folder(folder, table, hour) }}'
{%- endmacro %}
