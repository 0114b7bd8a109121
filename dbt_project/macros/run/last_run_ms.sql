{#- When the last command before this one began that took the run lock, in epoch ms; 0 if there was none. -#}
{% macro last_run_ms() %}
    {% set known = memo('last_run_ms') %}
    {{ return(known if known is not none else memo_set('last_run_ms', run_lock_row().started_ms)) }}
{% endmacro %}
