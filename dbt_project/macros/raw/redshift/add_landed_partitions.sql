{#-
    The same as on Spark, without asking the Glue catalog: `raw_state` keeps per table through which hour its partitions
    were added; the first run, which knows nothing, asks the ledger's files, since Redshift cannot list S3.
-#}
{% macro redshift__add_landed_partitions() %}
    {% if var('redshift_raw', 'spectrum') != 'spectrum' %}
        {{ return(note_copied()) }}
    {% endif %}
    {% set through = landed_through() %}
    {% set compactions = new_compactions() %}
    {% set compacted = compactions.tables %}
    {% set ledger_from = through['landed_batches'] or first_ledger_hour() %}
    {% if not ledger_from %}
        {{ return('') }}
    {% endif %}
    {% set now = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H') %}
    {% do add_external_partitions('landed_batches', hours_between(ledger_from ~ ':00', now ~ ':59'), compacted) %}

    {% set tables, newest = {}, {} %}
    {% for table in raw_tables() if table.config.meta.get('topic') %}
        {% do tables.update({table.config.meta.topic: table.identifier}) %}
        {% do newest.update({table.identifier: through[table.identifier] or '1970-01-02 00'}) %}
    {% endfor %}
    {% set landed %}
        select _kafka_topic, {{ epoch_us("date_trunc('hour', _landed_at)") }} as hour_us, sum(dead_letter_count) as dead_letters
        from "raw".landed_batches
        where {{ landed_from(modules.datetime.datetime.fromisoformat((newest.values() | min) ~ ':00'), '') }}
        group by 1, 2
        order by 2
    {% endset %}
    {% set new, reached = {}, {'landed_batches': now} %}
    {% for topic, hour_us, dead_letters in run_query(landed).rows if topic in tables %}
        {% set hour, table = moment(hour_us), tables[topic] %}
        {% if hour.strftime('%Y-%m-%d %H') >= newest[table] %}
            {% do new.setdefault(table, {}).update({hour: true}) %}
            {% do new.setdefault('dead_letters', {}).update({hour: true}) if dead_letters | int > 0 %}
            {% do reached.update({table: hour.strftime('%Y-%m-%d %H')}) %}
        {% endif %}
    {% endfor %}
    {% for table, hours in new.items() %}
        {% do add_external_partitions(table, hours.keys(), compacted) %}
    {% endfor %}
    {% do repoint_partitions(compacted) %}
    {% do note_compactions(compactions) %}
    {% do note_landed_through(through, reached) %}
{% endmacro %}

{% macro first_ledger_hour() %}
    {% set first = run_query('select min(' ~ epoch_us('_landed_at') ~ ') from "raw".landed_batches_files').rows[0][0] %}
    {{ return(moment(first).strftime('%Y-%m-%d %H') if first else '') }}
{% endmacro %}
