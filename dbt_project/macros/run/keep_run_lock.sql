{#-
    Before a model is written: past half of the lock's time this run asks whether the lock is still its own, and renews
    it. A run may last as long as it must; but one that was suspended must not write over what another has built since.
-#}
{% macro keep_run_lock() %}
    {% set lasts_ms = var('run_lock_minutes') * 60000 %}
    {% set now_ms = (utc_now().timestamp() * 1000) | int %}
    {% if now_ms - run_started_ms() < lasts_ms / 2 %}
        {{ return(none) }}
    {% endif %}
    {% if not holds_run_lock() %}
        {% do exceptions.raise_compiler_error(
            "This run lost its lock: it lasted longer than run_lock_minutes without writing, or somebody released it. Run again."
        ) %}
    {% endif %}
    {#- One thread renews for all. -#}
    {% set renewed_ms = memo('run_lock_renewed_ms') %}
    {% if renewed_ms is none or now_ms - renewed_ms >= lasts_ms / 2 %}
        {% do memo_set('run_lock_renewed_ms', now_ms) %}
        {% do run_query(
            "update " ~ state_table('run_lock') ~ " set expires_ms = " ~ (now_ms + lasts_ms)
            ~ " where invocation_id = '" ~ invocation_id ~ "'"
        ) %}
    {% endif %}
{% endmacro %}
