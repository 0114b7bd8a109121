{#-
    Before a table is written: this run checks that the lock is still its own, and renews it past half of the lease. A run
    may last as long as it must; but one that was suspended must not write over what another has built since. The write
    itself checks once more (fence_write, fenced).
-#}
{% macro keep_run_lock() %}
    {% do exceptions.raise_compiler_error(lost_run_lock()) if not holds_run_lock() %}
    {#- One thread renews for all: of those that saw the same renewal the first in the graph. Two would conflict on DuckDB. -#}
    {% set now_ms, renewed_ms = utc_ms(), memo('run_lock_renewed_ms') or run_started_ms() %}
    {% set me, renewal = model.unique_id if model is defined else '', 'renewal after ' ~ renewed_ms ~ ' of ' ~ invocation_id %}
    {% if now_ms - renewed_ms >= run_lock_ms() / 2 and graph.setdefault(renewal, me) == me %}
        {% do memo_set('run_lock_renewed_ms', now_ms) %}
        {% do run_query(
            "update " ~ state_table('run_lock') ~ " set expires_ms = " ~ (now_ms + run_lock_ms()) ~ " where " ~ is_my_run_lock()
        ) %}
    {% endif %}
{% endmacro %}
