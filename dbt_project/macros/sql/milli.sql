{#- A measured double as a fixed-point integer, in thousandths: order cannot matter to a sum of integers. -#}
{% macro milli(expression) -%}
cast(floor({{ expression }} * 1000 + 0.5) as bigint)
{%- endmacro %}
