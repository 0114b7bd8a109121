{#- When this command began, in epoch ms: the same for all of its nodes. -#}
{% macro run_started_ms() %}{{ return((run_started_at.timestamp() * 1000) | int) }}{% endmacro %}
