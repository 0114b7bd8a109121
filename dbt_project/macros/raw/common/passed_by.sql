{#-
    {topic: the batch, in epoch microseconds, up to which nobody waits for rows}: what runs with
    --vars '{wait_for_rows: false}' have passed by, this one's included. The state table is read once a command.
-#}
{% macro passed_by() %}
    {% set passed = memo('passed_by') %}
    {% if passed is none %}
        {% set passed = {} %}
        {% for topic, landed_us in run_query("select topic, max(landed_us) from " ~ state_table('passed_by') ~ " group by topic").rows %}
            {% do passed.update({topic: landed_us | int}) %}
        {% endfor %}
        {% do memo_set('passed_by', passed) %}
    {% endif %}
    {% set found = dict(passed) %}
    {% for topic in topic_tables() if memo('passed_by ' ~ topic) is not none %}
        {% do found.update({topic: [memo('passed_by ' ~ topic), found.get(topic, 0)] | max}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{#- At the end of a run: what it has passed by, for the topics whose rows it has received. -#}
{% macro note_passed_by(results) %}
    {% set rows, succeeded = [], results | selectattr('status', 'equalto', 'success') | map(attribute='node.alias') | list %}
    {% for topic, table in topic_tables().items() %}
        {% set landed_us = memo('passed_by ' ~ topic) %}
        {% do rows.append("('" ~ topic ~ "', " ~ landed_us ~ ", '" ~ invocation_id ~ "')")
            if landed_us is not none and 'int_' ~ table ~ '_received' in succeeded %}
    {% endfor %}
    {% do run_query("insert into " ~ state_table('passed_by') ~ " values " ~ rows | join(', ')) if rows %}
{% endmacro %}
