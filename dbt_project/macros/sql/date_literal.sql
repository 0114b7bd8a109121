{#- The day of a Python datetime (UTC) as a date literal. -#}
{% macro date_literal(moment) -%}
date '{{ moment.strftime("%Y-%m-%d") }}'
{%- endmacro %}
