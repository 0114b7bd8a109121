{#-
    Conditions on when rows landed, on the partition columns so that partitions prune. `prefix` is '' for raw itself, and
    '_' for the views of staging.
-#}

{#- Landed in the hour of `moment` or later. -#}
{% macro landed_from(moment, prefix='_') %}{{ landed_beside(moment, '>', prefix) }}{% endmacro %}

{#- Landed in the hour of `moment` or earlier. -#}
{% macro landed_until(moment, prefix='_') %}{{ landed_beside(moment, '<', prefix) }}{% endmacro %}

{% macro landed_beside(moment, side, prefix) -%}
{%- set date, hour = prefix ~ 'landed_date', prefix ~ 'landed_hour' -%}
({{ date }} {{ side }} {{ date_literal(moment) }} or {{ date }} = {{ date_literal(moment) }} and {{ hour }} {{ side }}= '{{ moment.strftime("%H") }}')
{%- endmacro %}

{#- Landed in (low, high], two times in epoch microseconds; `low` none: since ever. For the views of staging. -#}
{% macro landed_between(low, high) -%}
    _landed_at <= {{ timestamp_literal(moment(high)) }}
    and {{ landed_until(moment(high)) }}
    {%- if low is not none %}
    and _landed_at > {{ timestamp_literal(moment(low)) }}
    and {{ landed_from(moment(low)) }}
    {%- endif %}
{%- endmacro %}
