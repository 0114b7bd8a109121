{#-
    FROM of the files of a raw table: `files` is an expression that is a list of paths. The columns are the contract's, NULL
    where an older file lacks one; so the files are not opened before they are read.
    https://duckdb.org/docs/stable/data/parquet/overview#parameters
-#}
{% macro duckdb_from_parquet(table, files) -%}
{%- set columns = [] -%}
{%- for column in raw_columns(table) -%}
    {%- do columns.append(
        "'" ~ column.name ~ "': {name: '" ~ column.name ~ "', type: '" ~ duckdb_raw_type(column.data_type) ~ "', default_value: null}"
    ) -%}
{%- endfor -%}
read_parquet({{ files }}, schema = map {{ "{" ~ columns | join(', ') ~ "}" }})
{%- endmacro %}

{#- The columns that other engines take from the names of folders: landing names them after this time. -#}
{% macro duckdb_partition_columns(table) -%}
{%- set landed = 'compacted_at' if table.identifier == 'compacted_hours' else '_landed_at' -%}
cast({{ landed }} as date) as landed_date, strftime({{ landed }}, '%H') as landed_hour
{%- endmacro %}
