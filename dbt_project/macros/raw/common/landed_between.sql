{#-
    Rows landed in (low, high], two times in epoch microseconds (`low` none: since ever), for the views of staging: on
    _landed_at, and on the partitions so that they prune.
-#}
{% macro landed_between(low, high) -%}
    _landed_at <= {{ timestamp_literal(moment(high)) }}
    and {{ landed_until(moment(high)) }}
    {%- if low is not none %}
    and _landed_at > {{ timestamp_literal(moment(low)) }}
    and {{ landed_from(moment(low)) }}
    {%- endif %}
{%- endmacro %}
