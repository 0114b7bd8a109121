{#- How long the lock lasts without a renewal, in ms. -#}
{% macro run_lock_ms() %}{{ return(var('run_lock_minutes') * 60000) }}{% endmacro %}
