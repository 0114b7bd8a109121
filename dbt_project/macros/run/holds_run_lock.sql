{#- Is this run still the one that run_lock names? -#}
{% macro holds_run_lock() %}
    {{ return(run_query("select invocation_id from " ~ state_table('run_lock')).rows[0][0] == invocation_id) }}
{% endmacro %}
