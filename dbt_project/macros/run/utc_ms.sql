{#- The time now, in epoch ms. -#}
{% macro utc_ms() %}{{ return((utc_now().timestamp() * 1000) | int) }}{% endmacro %}
