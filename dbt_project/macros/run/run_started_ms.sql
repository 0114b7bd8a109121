{#-
    When this command began, in epoch ms: the same for all of its nodes. Of a command that found a later run's start in the
    run lock, when it took the lock (take_run_lock).
-#}
{% macro run_started_ms() %}
    {% set later = memo('run_started_ms') %}
    {{ return(later if later is not none else (run_started_at.timestamp() * 1000) | int) }}
{% endmacro %}
