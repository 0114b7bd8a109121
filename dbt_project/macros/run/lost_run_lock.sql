{#- What a run says that lost its lock. -#}
{% macro lost_run_lock() %}
    {{ return(
        "This run lost its lock (its lease of run_lock_minutes ran out, or somebody released it) and wrote nothing more: run it again."
    ) }}
{% endmacro %}
