{#-
    Rows landed in the hour of `moment` or later, on the partition columns so that partitions prune. `prefix` is '' for raw
    itself, and '_' for the views of staging.
-#}
{% macro landed_from(moment, prefix='_') %}{{ landed_beside(moment, '>', prefix) }}{% endmacro %}

{#- The same for that hour or earlier. -#}
{% macro landed_until(moment, prefix='_') %}{{ landed_beside(moment, '<', prefix) }}{% endmacro %}

{% macro landed_beside(moment, side, prefix) -%}
{%- set date, hour = prefix ~ 'landed_date', prefix ~ 'landed_hour' -%}
({{ date }} {{ side }} {{ date_literal(moment) }} or {{ date }} = {{ date_literal(moment) }} and {{ hour }} {{ side }}= '{{ moment.strftime("%H") }}')
{%- endmacro %}
