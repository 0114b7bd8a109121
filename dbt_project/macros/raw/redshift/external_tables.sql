{#-
    The Spectrum schema and tables over the landing, from the contract: dbt run-operation external_tables

    Idempotent, with the run lock; a run does the same by itself when the contract has changed. With --args '{dry_run: true}' the SQL is
    printed, nothing is run. A table whose columns changed is dropped and made again: the data stay where they are.
-#}
{% macro external_tables(dry_run=false) %}
    {% if dry_run %}
        {% do print(external_schema_sql() ~ ";") %}
        {% for table in raw_tables() %}
            {% do print(external_table_sql(table) ~ ";") %}
        {% endfor %}
        {% for name in files_tables() %}
            {% do print(files_sql(name) ~ ";") %}
        {% endfor %}
    {% else %}
        {#- Nothing here may ask dbt's cache: that would open a transaction, where external tables cannot be made. -#}
        {% do run_query('create schema if not exists "' ~ target.schema ~ '"') %}
        {% do create_run_lock() %}
        {% do take_run_lock() %}
        {% do make_external_tables() %}
        {% do redshift__add_landed_partitions() %}
        {% do release_run_lock(invocation_id) %}
    {% endif %}
{% endmacro %}

{#- https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html -#}
{% macro external_schema_sql() -%}
create external schema if not exists "raw"
from data catalog database '{{ var('glue_database', 'junction_raw') }}'
iam_role {{ spectrum_role() }}
create external database if not exists
{%- endmacro %}

{#- The role with which Redshift reads the landing; `default` is the one that the cluster was given. -#}
{% macro spectrum_role() -%}
{%- set role = env_var('REDSHIFT_IAM_ROLE', 'default') -%}
{{ role if role == 'default' else "'" ~ role ~ "'" }}
{%- endmacro %}

{#- https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html (there is no IF NOT EXISTS) -#}
{% macro external_table_sql(table) -%}
create external table "raw".{{ table.identifier }} (
    {{ column_list(raw_columns(table), redshift_raw_type) }}
)
partitioned by (landed_date date, landed_hour varchar(2))
stored as parquet
location '{{ landing_root() }}/raw/{{ table.identifier }}/'
{%- endmacro %}

{#- The records of landing and of compaction without partitions: from them the first run learns which there are. -#}
{% macro files_tables() %}{{ return(['landed_batches', 'compacted_hours']) }}{% endmacro %}

{% macro files_sql(name) -%}
{%- set table = raw_tables() | selectattr('name', 'equalto', name) | first -%}
create external table "raw".{{ name }}_files (
    {{ column_list(raw_columns(table), redshift_raw_type) }}
)
stored as parquet
location '{{ landing_root() }}/raw/{{ name }}/'
{%- endmacro %}

{#- What the tables are made from: when it changes they are made again. -#}
{% macro external_tables_md5() %}
    {% set statements = [external_schema_sql()] %}
    {% for name in files_tables() %}
        {% do statements.append(files_sql(name)) %}
    {% endfor %}
    {% for table in raw_tables() %}
        {% do statements.append(external_table_sql(table)) %}
    {% endfor %}
    {{ return(local_md5(statements | join('\n'))) }}
{% endmacro %}

{% macro make_external_tables() %}
    {% do run_query(external_schema_sql()) %}
    {% set existing = run_query("select tablename from svv_external_tables where schemaname = 'raw'").columns[0].values() %}
    {% for table in raw_tables() %}
        {% do run_query('drop table "raw".' ~ table.identifier) if table.identifier in existing %}
        {% do run_query(external_table_sql(table)) %}
    {% endfor %}
    {% for name in files_tables() %}
        {% do run_query('drop table "raw".' ~ name ~ '_files') if name ~ '_files' in existing %}
        {% do run_query(files_sql(name)) %}
    {% endfor %}
    {#- The tables have no partitions now: all records of compaction are new. -#}
    {% do compactions_seen() %}
    {% do run_query("update " ~ state_table('compactions_seen') ~ " set through_us = 0, looked_until = ''") %}
    {% do note_external_tables() %}
{% endmacro %}
