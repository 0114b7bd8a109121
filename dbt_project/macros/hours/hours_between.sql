{#- The whole hours in [from, to), two ISO times in UTC, as a list of datetimes. -#}
{% macro hours_between(from, to) %}
    {% if not to %}
        {% do exceptions.raise_compiler_error("A range rebuild needs both ends: --vars '{from: 2026-03-02 06:00, to: 2026-03-02 09:00}'.") %}
    {% endif %}
    {% set parse = modules.datetime.datetime.fromisoformat %}
    {% set hour = modules.datetime.timedelta(hours=1) %}
    {% set first = parse(from | string).replace(minute=0, second=0, microsecond=0, tzinfo=none) %}
    {% set last = parse(to | string).replace(tzinfo=none) %}
    {% set hours = [] %}
    {% for step in range(((last - first).total_seconds() / 3600) | round(0, 'ceil') | int) %}
        {% do hours.append(first + step * hour) %}
    {% endfor %}
    {{ return(hours) }}
{% endmacro %}
