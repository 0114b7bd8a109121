{#- Runs the update with which a run takes the lock (take_run_lock), and closes the fences of earlier runs (fence_write). -#}
{% macro claim_run_lock(update) %}{{ return(adapter.dispatch('claim_run_lock')(update)) }}{% endmacro %}

{% macro default__claim_run_lock(update) %}
    {{ exceptions.raise_compiler_error("claim_run_lock is not written for " ~ target.type ~ ": add " ~ target.type ~ "__claim_run_lock") }}
{% endmacro %}

{% macro spark__claim_run_lock(update) %}{% do run_query(update) %}{% endmacro %}

{% macro redshift__claim_run_lock(update) %}{% do run_query(update) %}{% endmacro %}

{#-
    In one transaction all rows of write_fence become this run's: a write of an earlier run that is under way has changed
    one of them, so that this fails; one that begins later fails itself. Whichever commits first wins.
    https://duckdb.org/docs/stable/connect/concurrency#concurrency-within-a-single-process
-#}
{% macro duckdb__claim_run_lock(update) %}
    {% set fence, known, missing = state_table('write_fence'), [], [] %}
    {% do run_query(create_table_sql(fence, 'model varchar(128), invocation_id varchar(64)')) %}
    {% do known.extend(run_query("select model from " ~ fence).columns[0].values()) %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed') and node.alias not in known %}
        {% do missing.append("('" ~ node.alias ~ "', '')") %}
    {% endfor %}
    {% do run_query("insert into " ~ fence ~ " values " ~ missing | join(', ')) if missing %}
    {% call statement('claim_run_lock') %}{{ update }}{% endcall %}
    {% do run_query("update " ~ fence ~ " set invocation_id = '" ~ invocation_id ~ "'") %}
    {% do adapter.commit() %}
{% endmacro %}
