{#-
    Adds what raw lacks: the ledger's partitions up to landing_horizon, then those that the ledger records of each topic, then points
    the partitions of compacted hours at the large files. Hours are texts of `hour_text`.

    ledger_from: the ledger gets every hour from this one on, so that a batch that is published late finds its hour.
    newest: {raw table of a topic: the hour from which it can lack partitions, '' for all}: topics are published at their
    own pace.
    since: the ledger is asked from this hour on.
    compacted: {raw table: [datetime]}, from new_compactions.

    Returns {raw table: its newest hour now}: the ledger and the topics that landed something.
-#}
{% macro add_partitions_since(ledger_from, newest, since, compacted) %}
    {% set horizon = landing_horizon() %}
    {% do add_partitions('landed_batches', hours_through(ledger_from, horizon), compacted) if ledger_from <= horizon %}
    {% set planned = planned_partitions(newest, since) %}
    {% for table, hours in planned.items() %}
        {% do add_partitions(table, hours.keys(), compacted) %}
    {% endfor %}
    {% do repoint_partitions(compacted) %}
    {% set reached = {'landed_batches': [ledger_from, horizon] | max} %}
    {% for table, hours in planned.items() if table in newest %}
        {% do reached.update({table: hour_text(hours.keys() | max)}) %}
    {% endfor %}
    {{ return(reached) }}
{% endmacro %}

{#- {raw table: {datetime: true}}: the landing hours that the ledger records, of topics and of dead letters. -#}
{% macro planned_partitions(newest, since) %}
    {% set landed %}
        select _kafka_topic, {{ epoch_us("date_trunc('hour', _landed_at)") }} as hour_us, sum(dead_letter_count) as dead_letters
        from {{ raw_name('landed_batches') }}
        where {{ landed_from(modules.datetime.datetime.fromisoformat(since ~ ':00'), '') }}
        group by 1, 2
    {% endset %}
    {% set tables, planned = topic_tables(), {} %}
    {% for topic, hour_us, dead_letters in run_query(landed).rows if topic in tables %}
        {% set hour, table = moment(hour_us), tables[topic] %}
        {% if hour_text(hour) >= newest[table] %}
            {% do planned.setdefault(table, {}).update({hour: true}) %}
            {% do planned.setdefault('dead_letters', {}).update({hour: true}) if dead_letters | int > 0 %}
        {% endif %}
    {% endfor %}
    {{ return(planned) }}
{% endmacro %}
