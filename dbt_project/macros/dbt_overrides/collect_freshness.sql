{#-
    Overrides dbt.collect_freshness (dbt-adapters 1.24.5).

    dbt's question for the newest row of a source, asked of the last two landing hours first: the filter of the contract
    admits up to two days of raw, and the answer is mostly in the last minutes. A source that has been quiet for longer is
    asked without the filter: `make refresh` compares that landing with what it has built.

    For a topic the ledger is asked, as in its received model (`new_landings`). A batch can have its files before its line
    in the ledger: it would count as seen, and never be built. The other way round, a batch whose files are not all visible
    waits (`whole_through`): the newest whole batch is the answer, or it would count as seen too, and be built only once
    the topic lands again.
-#}
{% macro collect_freshness(source, loaded_at_field, filter) %}
    {% set hour_ago = utc_now() - modules.datetime.timedelta(hours=1) %}
    {% set tables = raw_tables() | selectattr('identifier', 'equalto', source.identifier) | list if source.schema == 'raw' else [] %}
    {% set topic = tables[0].config.meta.get('topic') if tables %}
    {% set asked = source.incorporate(path={'identifier': 'landed_batches'}) if topic else source %}
    {% set of_topic = " and _kafka_topic = '" ~ topic ~ "'" if topic else '' %}
    {% set found = namespace(answer=none) %}
    {% for condition in ([filter ~ ' and ' ~ landed_from(hour_ago, ''), filter] if filter else []) + ['1 = 1'] %}
        {% if not found.answer or found.answer.table.rows[0][0] is none %}
            {% set found.answer = dbt.collect_freshness(asked, loaded_at_field, condition ~ of_topic) %}
        {% endif %}
    {% endfor %}
    {% if topic and found.answer.table.rows[0][0] is not none %}
        {% set received = received_relation(source.identifier) %}
        {% set whole = whole_through(source.identifier, topic, newest(received, '_landed_at') if received else none) %}
        {% set until = "_landed_at <= " ~ timestamp_literal(moment(whole.through_us or 0)) %}
        {% set found.answer = dbt.collect_freshness(asked, loaded_at_field, until ~ of_topic) if whole.waits else found.answer %}
    {% endif %}
    {{ return(found.answer) }}
{% endmacro %}
