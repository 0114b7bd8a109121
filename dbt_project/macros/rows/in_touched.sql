{#- A condition on an hourly input of reopened_rows: the hours of the rows to recompute. -#}
{% macro in_touched_hours(reopened) %}{{ in_hours(none if reopened is none else hours_of_times(reopened.new + reopened.changed)) }}{% endmacro %}

{#- A condition on an input of reopened_rows whose rows count for so many ms: those that can count for the rows to recompute. -#}
{% macro in_touched_times(reopened, lasts_ms) %}
    {%- if reopened and (reopened.new or reopened.changed) -%}
        {%- set delta, ranges = modules.datetime.timedelta, [] -%}
        {%- for first, last in reopened.new + reopened.changed -%}
            {%- do ranges.append([first - delta(milliseconds=lasts_ms + 1), last]) -%}
        {%- endfor -%}
        {{ in_times(merged(ranges, delta())) }}
    {%- else -%}
        {{ in_reopened(reopened) }}
    {%- endif -%}
{% endmacro %}
