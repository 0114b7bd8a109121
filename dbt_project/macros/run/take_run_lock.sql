{#-
    One writer at a time. The update is atomic on all engines; reading it back shows who won. A run also needs a start
    later than every earlier run's, or _built_ms would not show what is new. A command whose project was still being parsed
    while another run began and ended has its start here.

    The lock is a lease of run_lock_minutes that its holder renews as it goes from node to node (keep_run_lock). It is free
    when the lease is over and the engine shows no sign of the holder, and at once when the holder's process is known to
    have ended (holder_is_alive).
-#}
{% macro take_run_lock() %}
    {% set lock, started_ms, now_ms = state_table('run_lock'), run_started_ms(), utc_ms() %}
    {% set holder = run_lock_row() %}
    {% if holder.invocation_id %}
        {% set alive = holder_is_alive(holder) %}
        {% if alive or alive is none and holder.expires_ms > now_ms %}
            {% do exceptions.raise_compiler_error(
                "Another run (" ~ holder.invocation_id ~ (", process " ~ holder.process if holder.process else "")
                ~ (" on " ~ holder.host if holder.host else "") ~ ") is writing, " ~ (
                    "with a lock until " ~ moment(holder.expires_ms * 1000) ~ " UTC: wait for it; if it was killed, wait until then or"
                    if holder.expires_ms > now_ms
                    else "and a statement of it still runs, though its lease is over: wait for it, or cancel the statement; then"
                ) ~ " dbt run-operation release_run_lock"
            ) %}
        {% endif %}
    {% endif %}
    {% if started_ms <= holder.started_ms < now_ms %}
        {% set started_ms = memo_set('run_started_ms', now_ms) %}
    {% endif %}
    {% if holder.started_ms >= started_ms %}
        {% do exceptions.raise_compiler_error("The clock is behind the last run's start: set it right, then run again.") %}
    {% endif %}
    {% do memo_set('last_run_ms', holder.started_ms) %}
    {% set us = run_process() %}
    {% do renewed() if renew_due(now_ms) %}
    {% do claim_run_lock(
        "update " ~ lock ~ " set invocation_id = '" ~ invocation_id ~ "', started_ms = " ~ started_ms ~ ", expires_ms = "
        ~ (now_ms + run_lock_ms()) ~ ", host = '" ~ us.host ~ "', process = '" ~ us.process
        ~ "' where invocation_id = '" ~ holder.invocation_id ~ "' and started_ms = " ~ holder.started_ms ~ " and expires_ms = " ~ holder.expires_ms
    ) %}
    {% if not holds_run_lock() %}
        {% do exceptions.raise_compiler_error("Another run took the lock at the same moment: run again when it is done.") %}
    {% endif %}
{% endmacro %}
