{#-
    Makes the views of raw's topics and dead letters where they are missing or would differ. A view reads the files that the
    connection's variable raw_<table> lists (narrow_raw); where nobody has set it, all that there are. So a run opens the
    files that it needs, and an analyst sees the whole table.
    https://duckdb.org/docs/stable/sql/statements/set_variable
-#}
{% macro duckdb_make_views() %}
    {% set made = duckdb_comments('duckdb_views()', 'view_name') %}
    {% set landed = run_query("select distinct _kafka_topic from raw.landed_batches").columns[0].values() | list %}
    {% set held = run_query("select distinct raw_table from raw.compacted_hours").columns[0].values() | list %}
    {% do landed.append('dead letters') if run_query("select 1 from raw.landed_batches where dead_letter_count > 0 limit 1").rows | length %}
    {% for table in raw_tables() if not duckdb_is_table(table) %}
        {% set name, compacted = "raw." ~ table.identifier, table.identifier in held %}
        {% set patterns = duckdb_files_of(table, compacted) if table.config.meta.get('topic', 'dead letters') in landed else [] %}
        {% set sql = duckdb_view_sql(table, patterns, compacted) %}
        {% if made.get(table.identifier) != local_md5(sql) %}
            {% set visible = [] %}
            {% for pattern in duckdb_files_of(table, compacted) if duckdb_has_file(pattern) %}
                {% do visible.append(pattern) %}
            {% endfor %}
            {% set sql = duckdb_view_sql(table, visible, compacted) %}
            {% do run_query(
                "begin; create or replace view " ~ name ~ " as " ~ sql ~ "; comment on view " ~ name ~ " is '" ~ local_md5(sql) ~ "'; commit"
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}

{#-
    `patterns`: of the table's files, of which each finds one at least: a pattern that finds none is an error. `compacted`:
    some hours were, whose small files are not read.
-#}
{% macro duckdb_view_sql(table, patterns, compacted) -%}
{%- set variable, name, root = "getvariable('raw_" ~ table.identifier ~ "')", table.identifier, landing_root() -%}
select *, {{ duckdb_partition_columns(table) }}
from {{ duckdb_from_parquet(table, "coalesce(" ~ variable ~ ", list_prepend(" ~ duckdb_file_without_rows() ~ ", " ~ duckdb_texts(patterns) ~ "))") }}
{%- if patterns %}
where {{ variable }} is not null or starts_with(filename, {{ duckdb_text(root ~ '/compacted/') }})
    or starts_with(filename, {{ duckdb_text(root ~ '/raw/') }})
    {%- if compacted %}
    and date_trunc('hour', _landed_at) not in (select compacted_hour from raw.compacted_hours where raw_table = '{{ name }}')
    {%- endif %}
{%- endif %}
{%- endmacro %}

{#-
    Patterns of all files of a raw table. On a disk one for the folders raw and compacted, of which either may be empty; in a
    bucket it would list the whole landing folder.
-#}
{% macro duckdb_files_of(table, compacted) %}
    {% set patterns, folders = [], ['raw', 'compacted'] if compacted else ['raw'] %}
    {% set folders = folders if landing_is_in_a_bucket() else ['[rc][ao]*'] %}
    {% for folder in folders %}
        {% do patterns.append(landing_root() ~ '/' ~ folder ~ '/' ~ table.identifier ~ '/landed_date=*/landed_hour=*/*.parquet') %}
    {% endfor %}
    {{ return(patterns) }}
{% endmacro %}
