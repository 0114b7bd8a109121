{#- What a run says that lost its lock. -#}
{% macro lost_run_lock() %}
    {{ return(
        "This run lost its lock, and nothing more of it was written: its lease (run_lock_minutes) ran out or somebody released it, and it can run again."
    ) }}
{% endmacro %}
