{#- The order of an incident's statuses at the same moment. -#}
{% macro status_rank(status='status') -%}
case {{ status }} when 'reported' then 1 when 'dispatched' then 2 when 'on_scene' then 3 else 4 end
{%- endmacro %}
