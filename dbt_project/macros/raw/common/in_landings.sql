{#- A condition on a time of landing: within one of these hours. The outer bounds let the engine skip files. -#}
{% macro in_landings(hours, column) %}
    {%- if hours -%}
        {{ column }} >= {{ timestamp_literal(hours | min) }}
        and {{ column }} < {{ timestamp_literal((hours | max) + modules.datetime.timedelta(hours=1)) }}
        and {{ in_hours(hours, column="date_trunc('hour', " ~ column ~ ")") }}
    {%- else -%}
        {{ in_hours(hours) }}
    {%- endif -%}
{% endmacro %}

{#- The same on the partition columns of a raw table, so that they prune. -#}
{% macro in_landing_partitions(hours) %}
    {%- if hours -%}
        (
        {%- for hour in hours -%}
            landed_date = {{ date_literal(hour) }} and landed_hour = '{{ hour.strftime("%H") }}'{{ " or " if not loop.last }}
        {%- endfor -%}
        )
    {%- else -%}
        {{ in_hours(hours) }}
    {%- endif -%}
{% endmacro %}
