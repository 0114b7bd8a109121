{#- A Python datetime (UTC) as a timestamp literal, to the microsecond. -#}
{% macro timestamp_literal(moment) -%}
timestamp '{{ moment.strftime("%Y-%m-%d %H:%M:%S.%f") }}'
{%- endmacro %}
