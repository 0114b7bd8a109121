{#- The condition on run_lock that this run holds it. -#}
{% macro is_my_run_lock() %}{{ return("invocation_id = '" ~ invocation_id ~ "'") }}{% endmacro %}
