{#-
    From when on a test compares what was landed with what was received, as {raw table: datetime}: from the landing hour
    up to which all was received when the test last passed. A table that had received nothing then is compared whole.
-#}
{% macro landed_since(tables) %}
    {% set since, passed_ms = {}, passed_through() if execute and command_tests() and var('audit') != 'full' else none %}
    {% for table in tables %}
        {% do since.update({table: moment(0)}) %}
    {% endfor %}
    {% if passed_ms is none %}
        {{ return(since) }}
    {% endif %}
    {% set writes, newest = [], [] %}
    {% for table in tables %}
        {% do writes.append("select '" ~ table ~ "' as topic_table, max(_built_ms) as built_ms from " ~ ref('int_' ~ table ~ '_received') ~ " where _built_ms <= " ~ passed_ms) %}
    {% endfor %}
    {% for table, built_ms in run_query(writes | join(' union all ')).rows if built_ms is not none %}
        {% do newest.append(
            "select '" ~ table ~ "' as topic_table, max(" ~ epoch_us('_landed_at') ~ ") as landed_us from "
            ~ ref('int_' ~ table ~ '_received') ~ " where _built_ms = " ~ built_ms
        ) %}
    {% endfor %}
    {% if newest %}
        {% for table, landed_us in run_query(newest | join(' union all ')).rows %}
            {% do since.update({table: moment(landed_us).replace(minute=0, second=0, microsecond=0)}) %}
            {% do narrow_raw(table, (landed_us | int) // 3600000000 * 3600000000 - 1) %}
        {% endfor %}
    {% endif %}
    {{ return(since) }}
{% endmacro %}
