{#-
    Adds the ledger's new lines to raw.landed_batches. What is listed are the folders of the hours in which a line can be new
    (duckdb_ledger_hours); a file's name says which lines it has. Of two commands at once the second adds nothing twice: the
    table has a key.
-#}
{% macro duckdb_read_ledger() %}
    {% set hours, patterns = duckdb_ledger_hours(), [] %}
    {% if hours %}
        {% for hour in hours %}
            {% do patterns.append(partition_folder('raw', 'landed_batches', hour) ~ '/*.parquet') %}
        {% endfor %}
        {% set known %}
            select concat(_kafka_topic, '-', replace(_kafka_generation, '-', '.'), '-', strftime(_landed_at, '%Y%m%dT%H%M%S%fZ'), '.parquet')
            from raw.landed_batches where landed_date >= {{ date_literal(hours | min) }}
        {% endset %}
        {% do run_query(
            "set variable raw_new = (select list(file) from glob(" ~ duckdb_texts(patterns) ~ ") where regexp_extract(file, '[^/]+$') not in (" ~ known ~ "))"
        ) %}
        {% do duckdb_append_new('landed_batches') %}
    {% endif %}
{% endmacro %}

{#-
    The hours in which the ledger can have lines that are not known yet, as datetimes: all while none is known, else those
    since the newest known line of all topics, and at least the last two. A batch that is published later than that has an
    earlier hour: for a topic that was quiet in these, the names of its own raw files show the hours in which it was landed,
    since each batch has one, also a batch of dead letters. A line names the batch before it, so one that is missing is
    looked for in its hour.
-#}
{% macro duckdb_ledger_hours() %}
    {% set recent, horizon = hour_text(utc_now() - modules.datetime.timedelta(hours=1)), [landing_horizon(), duckdb_known_horizon()] | max %}
    {% set newest, first, elsewhere, hours = {}, [recent], [], {} %}
    {% for topic, landed_us in run_query("select _kafka_topic, " ~ epoch_us("max(_landed_at)") ~ " from raw.landed_batches group by 1").rows %}
        {% do newest.update({topic: moment(landed_us)}) %}
    {% endfor %}
    {% do first.append(hour_text(newest.values() | max)) if newest else elsewhere.extend(duckdb_since('landed_batches', none)) %}
    {% for topic, table in topic_tables().items() if topic not in newest or hour_text(newest[topic]) < recent %}
        {% do elsewhere.extend(duckdb_since(table, newest.get(topic))) %}
    {% endfor %}
    {% if elsewhere %}
        {% for (hour,) in run_query(
            "select distinct regexp_extract(file, 'landed_date=([-0-9]{10})/landed_hour=([0-9]{2})/', 1) || ' '"
            ~ " || regexp_extract(file, 'landed_date=([-0-9]{10})/landed_hour=([0-9]{2})/', 2) from glob(" ~ duckdb_texts(elsewhere) ~ ")"
        ).rows if hour | length == 13 and hour <= horizon %}
            {% do hours.update({modules.datetime.datetime.fromisoformat(hour ~ ':00'): true}) %}
        {% endfor %}
    {% endif %}
    {% for (missing_us,) in run_query(duckdb_missing_lines()).rows %}
        {% do hours.update({moment(missing_us).replace(minute=0, second=0, microsecond=0): true}) %}
    {% endfor %}
    {% for hour in hours_through(first | min, horizon) %}
        {% do hours.update({hour: true}) %}
    {% endfor %}
    {{ return(hours.keys() | sort) }}
{% endmacro %}

{#- The batches before those of the last days whose own lines are not known, in epoch microseconds. -#}
{% macro duckdb_missing_lines() %}
    with recent as (
        select distinct _kafka_topic, previous_landed_at
        from raw.landed_batches
        where landed_date >= {{ date_literal(utc_now() - modules.datetime.timedelta(days=2)) }} and previous_landed_at is not null
    )

    select {{ epoch_us('previous_landed_at') }}
    from recent
    where not exists (
        select 1 from raw.landed_batches as lines
        where lines._kafka_topic = recent._kafka_topic and lines._landed_at = recent.previous_landed_at
            and lines._landed_at >= (select min(previous_landed_at) from recent)
    )
{% endmacro %}

{#-
    The newest hour of the ledger's lines that were known when the command began. Who has once read beyond landing_horizon
    goes on to: other engines keep the partitions, and a full refresh may not lose rows that were received.
-#}
{% macro duckdb_known_horizon() %}
    {% set known = memo('duckdb_known_horizon') %}
    {% if known is not none %}
        {{ return(known) }}
    {% endif %}
    {% set newest = run_query("select " ~ epoch_us("max(_landed_at)") ~ " from raw.landed_batches").rows[0][0] %}
    {{ return(memo_set('duckdb_known_horizon', hour_text(moment(newest)) if newest is not none else '')) }}
{% endmacro %}
