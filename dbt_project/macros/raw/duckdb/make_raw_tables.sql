{#-
    The ledger and the records of compaction are tables here: they are small, and each run asks them which files there are.
    They are filled anew when the contract has changed, and in a full refresh. What landing wrote of topics stays in its
    files: a view for each table of the contract reads them (duckdb_make_views).
    https://duckdb.org/docs/stable/sql/statements/create_table
-#}
{% macro duckdb__make_raw_tables() %}
    {% do run_query("create schema if not exists raw") %}
    {% do duckdb_make_file_without_rows() %}
    {% for name, mark in duckdb_stale_tables().items() %}
        {% do duckdb_check_landing() if name == 'landed_batches' and name in duckdb_comments('duckdb_tables()', 'table_name') %}
        {% set table = raw_tables() | selectattr('identifier', 'equalto', name) | first %}
        {% do run_query(
            "begin; create or replace table raw." ~ name ~ " (" ~ duckdb_declared(table) ~ "); comment on table raw." ~ name
            ~ " is '" ~ mark ~ "'; commit"
        ) %}
    {% endfor %}
{% endmacro %}

{#- {table: the mark that it will have} of those to be filled anew. -#}
{% macro duckdb_stale_tables() %}
    {% set made, stale = duckdb_comments('duckdb_tables()', 'table_name'), {} %}
    {% for table in raw_tables() if duckdb_is_table(table) %}
        {% set mark = local_md5(duckdb_declared(table)) %}
        {% do stale.update({table.identifier: mark})
            if made.get(table.identifier) != mark or (flags.FULL_REFRESH and command_builds_models()) %}
    {% endfor %}
    {{ return(stale) }}
{% endmacro %}

{% macro duckdb_declared(table) %}
    {% set key = {
        'landed_batches': '_kafka_topic, _kafka_generation, _kafka_partition, _landed_at',
        'compacted_hours': 'raw_table, compacted_hour, compacted_at',
    }[table.identifier] %}
    {{ return(column_list(raw_columns(table), duckdb_raw_type) ~ ', landed_date date, landed_hour varchar, primary key (' ~ key ~ ')') }}
{% endmacro %}

{% macro duckdb_is_table(table) %}{{ return(table.identifier in ['landed_batches', 'compacted_hours']) }}{% endmacro %}

{#- {name: comment} of what is made in schema raw; `catalog` is duckdb_tables() or duckdb_views(). -#}
{% macro duckdb_comments(catalog, name) %}
    {% set comments = {} %}
    {% for relation, comment in run_query(
        "select " ~ name ~ ", comment from " ~ catalog ~ " where schema_name = 'raw' and database_name = current_database()"
    ).rows %}
        {% do comments.update({relation: comment}) %}
    {% endfor %}
    {{ return(comments) }}
{% endmacro %}
