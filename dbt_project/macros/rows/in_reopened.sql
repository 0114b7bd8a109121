{#- A condition on `each` of reopened_rows: the rows to recompute. `prefix`: its name with a dot; `received`: its _built_ms. -#}
{% macro in_reopened(reopened, prefix='', received='_built_ms') -%}
    {%- if reopened is none -%}
        1 = 1
    {%- elif not reopened.new and not reopened.changed -%}
        {{ no_rows() }}
    {%- else -%}
        {%- set conditions = [] -%}
        {%- do conditions.append(in_times(reopened.changed, prefix)) if reopened.changed -%}
        {%- do conditions.append("(" ~ in_times(reopened.new, prefix) ~ " and " ~ prefix ~ received ~ " > " ~ reopened.since_ms ~ ")") if reopened.new -%}
        ({{ conditions | join(" or ") }})
    {%- endif -%}
{%- endmacro %}

{#- Within these ranges of time, with the hours, by which tables are partitioned and sorted. -#}
{% macro in_times(ranges, prefix='') -%}
{{ in_hours(hours_of_times(ranges), column=prefix ~ 'event_hour') }} and ({{ in_ranges(ranges, prefix ~ 'event_time') }})
{%- endmacro %}

{#- The hours that ranges of time touch. -#}
{% macro hours_of_times(ranges) %}
    {% set hours = {} %}
    {% for first, last in ranges %}
        {% do hours.update(dict.fromkeys(hours_through(hour_text(first), hour_text(last)))) %}
    {% endfor %}
    {{ return(hours.keys() | list) }}
{% endmacro %}
