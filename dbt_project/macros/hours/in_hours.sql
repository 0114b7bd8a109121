{#-
    A condition on event_hour, in literals so that partitions prune while planning: the reopened hours, and the
    `reach` hours before and the `ahead` hours after each of them; of those every `step`th only. The words are those of
    `input`.
-#}
{% macro in_hours(hours, reach=0, column='event_hour', ahead=0, step=1) %}
    {%- if hours is none -%}
        1 = 1
    {%- elif not hours -%}
        {{ no_rows() }}
    {%- else -%}
        {%- set needed = {} -%}
        {%- for hour in hours -%}
            {%- for earlier in range(-ahead, reach + 1, step) -%}
                {%- do needed.update({hour - modules.datetime.timedelta(hours=earlier): true}) -%}
            {%- endfor -%}
        {%- endfor -%}
        {{ column }} in (
        {%- for hour in needed.keys() | sort -%}
            {{ timestamp_literal(hour) }}{{ ", " if not loop.last }}
        {%- endfor -%}
        )
    {%- endif -%}
{% endmacro %}
