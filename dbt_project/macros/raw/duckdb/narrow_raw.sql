{#-
    The ledger's lines name the files (ingest/folder/names.py); those of a compacted hour are its large ones. What is not
    there is left out: whole_through counts rows. The variable ends with the connection, which dbt closes after each node.
    https://duckdb.org/docs/stable/sql/statements/set_variable
-#}
{% macro duckdb__narrow_raw(table, low) %}
    {% set topics = {} %}
    {% for topic, name in topic_tables().items() %}
        {% do topics.update({name: topic}) %}
    {% endfor %}
    {% do run_query(
        "set variable raw_paths = (select list_prepend(" ~ duckdb_file_without_rows() ~ ", coalesce(list(distinct path), [])) from ("
        ~ duckdb_paths(table, "_kafka_topic = '" ~ topics[table] ~ "'" if table in topics else "dead_letter_count > 0", low) ~ "));"
        ~ duckdb_set_files(table)
    ) %}
{% endmacro %}

{#-
    raw_<table>: the files of raw_paths that are there. In a bucket the folders are listed: DuckDB gives back a path without
    a wildcard as it is.
-#}
{% macro duckdb_set_files(table) %}
    {% if not landing_is_in_a_bucket() %}
        {{ return(" set variable raw_" ~ table ~ " = (select list(file) from glob(getvariable('raw_paths')))") }}
    {% endif %}
    {% set all_of_folder = "regexp_replace(file, '[^/]+$', '*.parquet')" %}
    {{ return(
        " set variable raw_folders = (select list(distinct " ~ all_of_folder ~ ") from unnest(getvariable('raw_paths')) as paths (file)"
        ~ " where starts_with(file, 's3://'));"
        ~ " set variable raw_" ~ table ~ " = (with paths as (select unnest(getvariable('raw_paths')) as path)"
        ~ " select list_prepend(" ~ duckdb_file_without_rows() ~ ", coalesce(list(file), [])) from glob(coalesce(getvariable('raw_folders'), []::varchar[]))"
        ~ " where file in (select path from paths) or " ~ all_of_folder ~ " in (select path from paths))"
    ) }}
{% endmacro %}

{% macro duckdb_paths(table, condition, low) %}
    select
        case when compacted.hour is null then concat(
            {{ duckdb_text(landing_root() ~ '/raw/' ~ table ~ '/') }}, strftime(lines._landed_at, 'landed_date=%Y-%m-%d/landed_hour=%H/'),
            lines._kafka_topic, '-', replace(lines._kafka_generation, '-', '.'), '-', lpad(cast(lines._kafka_partition as varchar), 5, '0'),
            '-', lpad(cast(lines.first_offset as varchar), 19, '0'), '-', lpad(cast(lines.end_offset as varchar), 19, '0'), '.parquet'
        ) else concat(
            {{ duckdb_text(landing_root() ~ '/compacted/' ~ table ~ '/') }}, strftime(lines._landed_at, 'landed_date=%Y-%m-%d/landed_hour=%H/*.parquet')
        ) end as path
    from raw.landed_batches as lines
    left join (select distinct compacted_hour as hour from raw.compacted_hours where raw_table = '{{ table }}') as compacted
        on date_trunc('hour', lines._landed_at) = compacted.hour
    where {{ condition }}{{ " and lines._landed_at > " ~ timestamp_literal(moment(low)) if low is not none }}
{% endmacro %}

{#- For a statement that only compiles what reads raw, as CREATE VIEW: no file is listed. -#}
{% macro duckdb_narrow_to_nothing() %}
    {% set statements = [] %}
    {% for table in raw_tables() if not duckdb_is_table(table) %}
        {% do statements.append("set variable raw_" ~ table.identifier ~ " = [" ~ duckdb_file_without_rows() ~ "]") %}
    {% endfor %}
    {% do run_query(statements | join('; ')) %}
{% endmacro %}
