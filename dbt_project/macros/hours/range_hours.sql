{#- The hours of a range rebuild: those of the vars `from` and `to`, ISO times in UTC or with an offset, as datetimes in UTC. -#}
{% macro range_hours() %}
    {% set given, ends = [var('from'), var('to', none)], [] %}
    {% set example = "--vars '{from: 2026-03-02 06:00, to: 2026-03-02 09:00}'." %}
    {% do exceptions.raise_compiler_error("A range rebuild needs both ends: " ~ example) if not given[1] %}
    {% for text in given %}
        {% if not modules.re.match('[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}|$)', text | string) %}
            {% do exceptions.raise_compiler_error(text ~ " is no ISO time: write both ends as in " ~ example) %}
        {% endif %}
        {% set end = modules.datetime.datetime.fromisoformat(text | string) %}
        {% do ends.append((end.astimezone(modules.pytz.utc) if end.tzinfo else end).replace(tzinfo=none)) %}
    {% endfor %}
    {% if ends[1] <= ends[0] %}
        {% do exceptions.raise_compiler_error("The range ends at " ~ given[1] ~ ", not after it begins: write the earlier time as from, " ~ example) %}
    {% endif %}
    {{ return(hours_between(*ends)) }}
{% endmacro %}
