{#-
    Before each node of a run: the lease is renewed unless that was done in the last seconds (renew_due), so that it covers
    all but a single statement that lasts longer. With `check`, before a table is written: the lock is still this run's. A
    run may last as long as it must; but one that was suspended must not write over what another has built since. The
    write itself checks once more (fence_write, spark_fence).
-#}
{% macro keep_run_lock(check=false) %}
    {% set now_ms = utc_ms() %}
    {% set due = renew_due(now_ms) %}
    {% do run_query(
        "update " ~ state_table('run_lock') ~ " set expires_ms = " ~ (now_ms + run_lock_ms()) ~ " where " ~ is_my_run_lock()
    ) if due %}
    {% do renewed() if due %}
    {% do exceptions.raise_compiler_error(lost_run_lock()) if (check or due) and not holds_run_lock() %}
{% endmacro %}
