{#- Milliseconds as whole hours, rounded up: the reach of what lasts that long. -#}
{% macro hours_of(milliseconds) %}{{ return(((milliseconds | int) + 3599999) // 3600000) }}{% endmacro %}
