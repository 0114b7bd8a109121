{#-
    Raw inside Redshift instead of Spectrum, printed: dbt run-operation copy_statements --target redshift

    For each raw table: the table, the COPY of what is landed already, the COPY JOB that loads each file once by name
    (landed names are never used twice), and the view that dbt reads: that of the ledger shows whole batches only
    (copied_through.sql). Then run dbt with --vars '{redshift_raw: copy}'.
    https://docs.aws.amazon.com/redshift/latest/dg/loading-data-copy-job.html
-#}
{% macro copy_statements(backfill=false) %}
    {% do print('create schema if not exists "raw";\ncreate schema if not exists raw_files;') %}
    {% do print(copied_through_sql() ~ ';') %}
    {#- The ledger last, since it names what the others have. What COPY has loaded has no partition to repoint. -#}
    {% set ledger = raw_tables() | selectattr('name', 'equalto', 'landed_batches') | list %}
    {% for table in raw_tables() | rejectattr('name', 'in', ['compacted_hours', 'landed_batches']) | list + ledger %}
        {% do print(copy_table_sql(table) ~ ";") %}
        {% do print((copy_sql(table) if backfill else copy_job_sql(table)) ~ ";") %}
        {% do print(copy_view_sql(table) ~ ";") %}
    {% endfor %}
{% endmacro %}

{#- The columns in the order of the files: COPY of Parquet goes by position. -#}
{% macro copy_table_sql(table) -%}
create table if not exists raw_files.{{ table.identifier }} (
    {{ column_list(raw_columns(table), redshift_raw_type) }}
)
diststyle even
sortkey (_landed_at)
{%- endmacro %}

{#-
    The ledger's new columns come last: its older files lack them.
    https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
-#}
{% macro copy_sql(table) -%}
copy raw_files.{{ table.identifier }}
from '{{ landing_root() }}/raw/{{ table.identifier }}/'
iam_role {{ spectrum_role() }}
format as parquet
{%- if table.name == 'landed_batches' %}
fillrecord
{%- endif %}
{%- endmacro %}

{% macro copy_job_sql(table) -%}
{{ copy_sql(table) }}
job create {{ table.identifier }}_landing auto on
{%- endmacro %}

{% macro copy_view_sql(table) -%}
create or replace view "raw".{{ table.identifier }} as
select
    files.*,
    cast(date_trunc('day', files._landed_at) as date) as landed_date,
    cast(to_char(files._landed_at, 'HH24') as varchar(2)) as landed_hour
from raw_files.{{ table.identifier }} as files
{%- if table.name == 'landed_batches' %}
inner join (
    select _kafka_topic, max(landed_until) as landed_until from raw_files.copied_through group by _kafka_topic
) as whole
    on files._kafka_topic = whole._kafka_topic and files._landed_at <= whole.landed_until
{%- endif %}
with no schema binding
{%- endmacro %}
