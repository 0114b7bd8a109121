{#-
    The statements that make the raw tables those of the contract. A column that is new in the contract: files without it
    give null. A changed type is no new column (contract-check).
-#}
{% macro spark_raw_changes() %}
    {% do run_query("create schema if not exists raw") %}
    {% set existing, changes = run_query("show tables in raw").columns[1].values(), [] %}
    {% for table in raw_tables() if table.identifier not in existing %}
        {% do changes.append(
            "create table if not exists raw." ~ table.identifier ~ " (" ~ column_list(raw_columns(table), spark_raw_type)
            ~ ", landed_date date, landed_hour string) using parquet partitioned by (landed_date, landed_hour) location '"
            ~ landing_root() ~ "/raw/" ~ table.identifier ~ "'"
        ) %}
    {% endfor %}
    {% for table in raw_tables() if table.identifier in existing %}
        {% set had = run_query("show columns in raw." ~ table.identifier).columns[0].values() %}
        {% set new = raw_columns(table) | rejectattr('name', 'in', had) | list %}
        {% do changes.append("alter table raw." ~ table.identifier ~ " add columns (" ~ column_list(new, spark_raw_type) ~ ")") if new %}
    {% endfor %}
    {{ return(changes) }}
{% endmacro %}
