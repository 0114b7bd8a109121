{#- Views over the landed Parquet files, with times as UTC timestamps; an empty one where nothing was landed. -#}
{% macro duckdb__make_raw_tables() %}
    {% do run_query("create schema if not exists raw") %}
    {% for table in raw_tables() %}
        {% set files = landing_root() ~ "/raw/" ~ table.identifier ~ "/*/*/*.parquet" %}
        {% set landed = run_query("select count(*) from glob('" ~ files ~ "')").rows[0][0] > 0 %}
        {% set columns = [] %}
        {% for column in raw_columns(table) + [{'name': 'landed_date', 'data_type': 'date'}, {'name': 'landed_hour', 'data_type': 'varchar'}] %}
            {% do columns.append("cast(" ~ (column.name if landed else "null") ~ " as " ~ column.data_type ~ ") as " ~ column.name) %}
        {% endfor %}
        {% do run_query(
            "create or replace view raw." ~ table.identifier ~ " as select " ~ columns | join(', ')
            ~ (" from read_parquet('" ~ files ~ "', hive_partitioning = true, hive_types_autocast = false)" if landed else " where false")
        ) %}
    {% endfor %}
{% endmacro %}
