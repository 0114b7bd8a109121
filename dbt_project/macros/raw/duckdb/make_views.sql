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
        {% set sql = duckdb_view_sql(table, table.config.meta.get('topic', 'dead letters') in landed, compacted) %}
        {% if made.get(table.identifier) != local_md5(sql) %}
            {% set visible = run_query("from glob(" ~ duckdb_files_of(table) ~ ") limit 1").rows | length > 0 %}
            {% set sql = sql if visible else duckdb_view_sql(table, false, compacted) %}
            {% do run_query(
                "begin; create or replace view " ~ name ~ " as " ~ sql ~ "; comment on view " ~ name ~ " is '" ~ local_md5(sql) ~ "'; commit"
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}

{#-
    `landed`: the table has files, of which one at least is visible: a pattern that finds none is an error. `compacted`: some
    hours were, whose small files are not read.
-#}
{% macro duckdb_view_sql(table, landed, compacted) -%}
{%- set variable, name, root = "getvariable('raw_" ~ table.identifier ~ "')", table.identifier, landing_root() -%}
select *, {{ duckdb_partition_columns(table) }}
from {{ duckdb_from_parquet(table, "coalesce(" ~ variable ~ ", [" ~ duckdb_file_without_rows() ~ (", " ~ duckdb_files_of(table) if landed) ~ "])") }}
{%- if landed %}
where {{ variable }} is not null or starts_with(filename, {{ duckdb_text(root ~ '/compacted/') }})
    or starts_with(filename, {{ duckdb_text(root ~ '/raw/') }})
    {%- if compacted %}
    and date_trunc('hour', _landed_at) not in (select compacted_hour from raw.compacted_hours where raw_table = '{{ name }}')
    {%- endif %}
{%- endif %}
{%- endmacro %}

{#- A pattern of all files of a raw table, in the folders raw and compacted. -#}
{% macro duckdb_files_of(table) -%}
{{ duckdb_text(landing_root() ~ "/[rc][ao]*/" ~ table.identifier ~ "/landed_date=*/landed_hour=*/*.parquet") }}
{%- endmacro %}
