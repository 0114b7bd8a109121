{#- The whole hours in [from, to), two ISO times in UTC, as a list of datetimes; none if `to` is not after `from`. -#}
{% macro hours_between(from, to) %}
    {% set parse = modules.datetime.datetime.fromisoformat %}
    {% set hour = modules.datetime.timedelta(hours=1) %}
    {% set first = parse(from | string).replace(minute=0, second=0, microsecond=0) %}
    {% set hours = [] %}
    {% for step in range(((parse(to | string) - first).total_seconds() / 3600) | round(0, 'ceil') | int) %}
        {% do hours.append(first + step * hour) %}
    {% endfor %}
    {{ return(hours) }}
{% endmacro %}
