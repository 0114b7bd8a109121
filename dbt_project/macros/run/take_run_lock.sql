{#-
    One writer at a time. The update is atomic on both engines; reading it back shows who won. A run also needs a start
    later than every earlier run's, or _built_ms would not show what is new.
-#}
{% macro take_run_lock() %}
    {% set started_ms = run_started_ms() %}
    {% set expires_ms = started_ms + var('run_lock_minutes') * 60000 %}
    {% set lock = state_table('run_lock') %}
    {% set holder = run_query("select invocation_id, started_ms, expires_ms from " ~ lock).rows[0] %}
    {% if holder[0] and holder[2] | int > started_ms %}
        {% do exceptions.raise_compiler_error(
            "Another run (" ~ holder[0] ~ ") is writing. Wait for it; if it was killed: dbt run-operation release_run_lock"
        ) %}
    {% endif %}
    {% if holder[1] | int >= started_ms %}
        {% do exceptions.raise_compiler_error("The clock is behind the last run's start: set it right, then run again.") %}
    {% endif %}
    {% do run_query(
        "update " ~ lock ~ " set invocation_id = '" ~ invocation_id ~ "', started_ms = " ~ started_ms ~ ", expires_ms = " ~ expires_ms
        ~ " where invocation_id = '" ~ holder[0] ~ "' and started_ms = " ~ holder[1] ~ " and expires_ms = " ~ holder[2]
    ) %}
    {% if run_query("select invocation_id from " ~ lock).rows[0][0] != invocation_id %}
        {% do exceptions.raise_compiler_error("Another run took the lock at the same moment. Run again when it is done.") %}
    {% endif %}
{% endmacro %}
