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

{#-
    {raw table: {datetime: true}}: the landing hours that the ledger records, of topics and of dead letters; with those of
    batches that a line names as the one before it and whose own lines are not visible yet.
-#}
{% macro planned_partitions(newest, since) %}
    {% set from = modules.datetime.datetime.fromisoformat(since ~ ':00') %}
    {% set landed %}
        select
            _kafka_topic, {{ epoch_us("date_trunc('hour', _landed_at)") }} as hour_us,
            case
                when previous_landed_at > landed_before or landed_before is null and previous_landed_at >= {{ timestamp_literal(from) }}
                    then {{ epoch_us("date_trunc('hour', previous_landed_at)") }}
            end as missing_us,
            sum(dead_letter_count) as dead_letters
        from (
            select
                _kafka_topic, _landed_at, previous_landed_at, dead_letter_count,
                lag(_landed_at) over (partition by _kafka_topic order by _landed_at) as landed_before
            from {{ raw_name('landed_batches') }}
            where {{ landed_from(from, '') }}
        ) as lines
        group by 1, 2, 3
    {% endset %}
    {% set tables, planned = topic_tables(), {} %}
    {% for topic, hour_us, missing_us, dead_letters in run_query(landed).rows if topic in tables %}
        {% set table = tables[topic] %}
        {% for hour in [moment(hour_us)] + ([moment(missing_us)] if missing_us is not none else []) if hour_text(hour) >= newest[table] %}
            {% do planned.setdefault(table, {}).update({hour: true}) %}
            {% do planned.setdefault('dead_letters', {}).update({hour: true}) if dead_letters | int > 0 or missing_us is not none %}
        {% endfor %}
    {% endfor %}
    {{ return(planned) }}
{% endmacro %}
