{#-
    Which batches ought to be whole, as {raw table: {topic, passed, until}}: those of the topic that landed after `passed`
    (passed_by) and up to `until`, wait_for_rows_minutes before this command. Two datetimes.
-#}
{% macro waited_for(tables) %}
    {% set waited, passed = {}, passed_by() if execute and command_tests() else {} %}
    {% for topic, table in (topic_tables() if execute else {}).items() if table in tables %}
        {% do waited.update({table: {
            'topic': topic,
            'passed': moment(passed.get(topic, 0)),
            'until': moment((run_started_ms() - var('wait_for_rows_minutes') * 60000) * 1000),
        }}) %}
    {% endfor %}
    {% for table in tables if table not in waited %}
        {% do waited.update({table: {'topic': table, 'passed': moment(0), 'until': moment(0)}}) %}
    {% endfor %}
    {{ return(waited) }}
{% endmacro %}
