{#-
    The row of run_lock: {invocation_id: '' if it is free, started_ms, expires_ms, host, process}. It is made where it is
    missing: a run that was killed between the table and its row left the table empty.
-#}
{% macro run_lock_row() %}
    {% set lock = state_table('run_lock') %}
    {% set found = run_query("select * from " ~ lock) %}
    {% if 'host' not in found.column_names %}
        {% for column in ['host varchar(255)', 'process varchar(64)'] %}
            {% do run_query("alter table " ~ lock ~ " add column " ~ column) %}
        {% endfor %}
    {% endif %}
    {% if not found.rows | length %}
        {% do fill_run_lock() %}
    {% endif %}
    {% set row = run_query("select invocation_id, started_ms, expires_ms, host, process from " ~ lock).rows[0] %}
    {{ return({
        'invocation_id': row[0] or '', 'started_ms': row[1] | int, 'expires_ms': row[2] | int, 'host': row[3] or '',
        'process': (row[4] or '') | string
    }) }}
{% endmacro %}

{#- Puts the free row into an empty run_lock. Of two runs at once one does it, the other adds nothing or fails. -#}
{% macro fill_run_lock() %}{{ return(adapter.dispatch('fill_run_lock')()) }}{% endmacro %}

{% macro default__fill_run_lock() %}
    {{ exceptions.raise_compiler_error("fill_run_lock is not written for " ~ target.type ~ ": add " ~ target.type ~ "__fill_run_lock") }}
{% endmacro %}

{#- One commit, which conflicts with another's. https://docs.delta.io/latest/concurrency-control.html -#}
{% macro spark__fill_run_lock() %}
    {% do run_query(
        "merge into " ~ state_table('run_lock') ~ " as held using (" ~ free_run_lock() ~ ") as made on true"
        ~ " when not matched then insert (invocation_id, started_ms, expires_ms, host, process)"
        ~ " values (made.invocation_id, made.started_ms, made.expires_ms, made.host, made.process)"
    ) %}
{% endmacro %}

{#- Locked first, so that the count is that of after the lock. https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html -#}
{% macro redshift__fill_run_lock() %}
    {% set lock = state_table('run_lock') %}
    {% call statement('lock_run_lock') %}lock {{ lock }}{% endcall %}
    {% do run_query(
        "insert into " ~ lock ~ " (invocation_id, started_ms, expires_ms, host, process) select * from (" ~ free_run_lock()
        ~ ") as made where (select count(*) from " ~ lock ~ ") = 0"
    ) %}
    {% do adapter.commit() %}
{% endmacro %}

{#- One statement; of two at once each adds the free row, which is the same. https://duckdb.org/docs/stable/sql/statements/insert -#}
{% macro duckdb__fill_run_lock() %}
    {% set lock = state_table('run_lock') %}
    {% do run_query("insert into " ~ lock ~ " by name select * from (" ~ free_run_lock() ~ ") where not exists (from " ~ lock ~ ")") %}
{% endmacro %}

{% macro free_run_lock() -%}
select
    cast('' as varchar(64)) as invocation_id, cast(0 as bigint) as started_ms, cast(0 as bigint) as expires_ms,
    cast('' as varchar(255)) as host, cast('' as varchar(64)) as process
{%- endmacro %}
