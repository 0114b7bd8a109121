{#- The whole hours in [from, to), two ISO times in UTC or with an offset, as a list of datetimes in UTC. -#}
{% macro hours_between(from, to) %}
    {% set example = "--vars '{from: 2026-03-02 06:00, to: 2026-03-02 09:00}'." %}
    {% if not to %}
        {% do exceptions.raise_compiler_error("A range rebuild needs both ends: " ~ example) %}
    {% endif %}
    {% set ends = [] %}
    {% for text in (from, to) %}
        {% if not modules.re.match('[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}|$)', text | string) %}
            {% do exceptions.raise_compiler_error(text ~ " is no ISO time: write both ends as in " ~ example) %}
        {% endif %}
        {% set end = modules.datetime.datetime.fromisoformat(text | string) %}
        {% do ends.append((end.astimezone(modules.pytz.utc) if end.tzinfo else end).replace(tzinfo=none)) %}
    {% endfor %}
    {% set hour = modules.datetime.timedelta(hours=1) %}
    {% set first = ends[0].replace(minute=0, second=0, microsecond=0) %}
    {% if ends[1] <= ends[0] %}
        {% do exceptions.raise_compiler_error("The range ends at " ~ to ~ ", not after it begins: write the earlier time as from, " ~ example) %}
    {% endif %}
    {% set hours = [] %}
    {% for step in range(((ends[1] - first).total_seconds() / 3600) | round(0, 'ceil') | int) %}
        {% do hours.append(first + step * hour) %}
    {% endfor %}
    {{ return(hours) }}
{% endmacro %}
