{#- https://spark.apache.org/docs/latest/sql-ref-syntax-ddl-create-table-datasource.html -#}
{% macro spark__create_raw_tables() %}
    {% do run_query("create schema if not exists raw") %}
    {% set existing = run_query("show tables in raw").columns[1].values() %}
    {% for table in raw_tables() if table.identifier not in existing %}
        {% do run_query(
            "create table if not exists raw." ~ table.identifier ~ " (" ~ column_list(raw_columns(table), spark_raw_type)
            ~ ", landed_date date, landed_hour string) using parquet partitioned by (landed_date, landed_hour) location '"
            ~ landing_root() ~ "/raw/" ~ table.identifier ~ "'"
        ) %}
    {% endfor %}
    {% for table in raw_tables() if table.identifier in existing %}
        {% do spark_add_new_columns(table) %}
    {% endfor %}
{% endmacro %}

{#- A column that is new in the contract: files without it give null. A changed type is no new column (contract-check). -#}
{% macro spark_add_new_columns(table) %}
    {% set had = run_query("show columns in raw." ~ table.identifier).columns[0].values() %}
    {% set new = raw_columns(table) | rejectattr('name', 'in', had) | list %}
    {% do run_query("alter table raw." ~ table.identifier ~ " add columns (" ~ column_list(new, spark_raw_type) ~ ")") if new %}
{% endmacro %}
