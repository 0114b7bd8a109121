{#-
    Before a model is written: past half of the lock's time this run asks whether the lock is still its own, and renews
    it. A run may last as long as it must; but one that was suspended must not write over what another has built since.
-#}
{% macro keep_run_lock() %}
    {% set lasts_ms = var('run_lock_minutes') * 60000 %}
    {% set now_ms = (modules.datetime.datetime.now(modules.pytz.utc).timestamp() * 1000) | int %}
    {% set started_ms = (run_started_at.timestamp() * 1000) | int %}
    {% if now_ms - started_ms < lasts_ms / 2 %}
        {{ return(none) }}
    {% endif %}
    {% if not holds_run_lock() %}
        {% do exceptions.raise_compiler_error(
            "This run lost its lock: it lasted longer than run_lock_minutes without writing, or somebody released it. Run again."
        ) %}
    {% endif %}
    {#- Kept in the graph, which the threads share: one of them renews for all. -#}
    {% set kept = graph.get('run_lock', {}) %}
    {% if kept.get('invocation_id') != invocation_id or now_ms - kept['renewed_ms'] >= lasts_ms / 2 %}
        {% do graph.update({'run_lock': {'invocation_id': invocation_id, 'renewed_ms': now_ms}}) %}
        {% do run_query(
            "update " ~ state_table('run_lock') ~ " set expires_ms = " ~ (now_ms + lasts_ms)
            ~ " where invocation_id = '" ~ invocation_id ~ "'"
        ) %}
    {% endif %}
{% endmacro %}

{% macro holds_run_lock() %}
    {{ return(run_query("select invocation_id from " ~ state_table('run_lock')).rows[0][0] == invocation_id) }}
{% endmacro %}
