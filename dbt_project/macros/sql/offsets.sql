{#- The numbers 0 to last, as rows: a SELECT with the column n. -#}
{% macro offsets(last) -%}
{% for n in range(last + 1) %}select {{ n }} as n{{ " union all " if not loop.last }}{% endfor %}
{%- endmacro %}
