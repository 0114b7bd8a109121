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
        {%- set hour, ranges = modules.datetime.timedelta(hours=1), [] -%}
        {%- for one in hours -%}
            {%- for earlier in (range(-ahead, reach + 1, step) if step > 1 else [reach]) -%}
                {%- do ranges.append([one - earlier * hour, one + (ahead if step == 1 else -earlier) * hour]) -%}
            {%- endfor -%}
        {%- endfor -%}
        ({{ in_ranges(merged(ranges, hour), column) }})
    {%- endif -%}
{% endmacro %}

{#- The condition that a column is in one of these ranges [first, last] of datetimes. -#}
{% macro in_ranges(ranges, column) -%}
    {%- for first, last in ranges -%}
        {%- if first == last -%}
            {{ column }} = {{ timestamp_literal(first) }}
        {%- else -%}
            {{ column }} between {{ timestamp_literal(first) }} and {{ timestamp_literal(last) }}
        {%- endif -%}
        {{ " or " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
