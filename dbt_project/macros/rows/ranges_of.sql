{#-
    Ranges [first, last] of microseconds since 1970 as ranges of datetimes, in order, with at least a minute between two.
    Of rows that are strewn over months the nearest ranges are one, until there are some hundred: each is a condition.
-#}
{% macro ranges_of(ranges_us) %}
    {% set ranges, found = [], [] %}
    {% for first_us, last_us in ranges_us %}
        {% do ranges.append([moment(first_us), moment(last_us)]) %}
    {% endfor %}
    {% for minutes in (1, 60, 24 * 60, 30 * 24 * 60) %}
        {% do found.append(merged(ranges, modules.datetime.timedelta(minutes=minutes))) if loop.first or found[-1] | length > 200 %}
    {% endfor %}
    {{ return(found[-1]) }}
{% endmacro %}
