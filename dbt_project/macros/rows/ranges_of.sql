{#- Ranges [first, last] of microseconds since 1970 as ranges of datetimes, in order, with at least a minute between two. -#}
{% macro ranges_of(ranges_us) %}
    {% set ranges = [] %}
    {% for first_us, last_us in ranges_us %}
        {% do ranges.append([moment(first_us), moment(last_us)]) %}
    {% endfor %}
    {{ return(merged(ranges, modules.datetime.timedelta(minutes=1))) }}
{% endmacro %}
