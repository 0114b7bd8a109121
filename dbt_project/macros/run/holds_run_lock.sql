{#- Is this run still the one that run_lock names? -#}
{% macro holds_run_lock() %}
    {{ return(rows_of("select count(*) from " ~ state_table('run_lock') ~ " where " ~ is_my_run_lock())[0][0] | int == 1) }}
{% endmacro %}
