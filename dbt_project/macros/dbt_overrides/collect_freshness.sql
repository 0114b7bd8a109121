{#-
    Overrides dbt.collect_freshness (dbt-adapters 1.24.5).

    dbt's question for the newest row of a source, asked of the last two landing hours first: what the filter of the contract
    lets through is up to two days of raw, and mostly the answer lies in the last minutes. What has been quiet for longer is
    asked for without the filter: a refresh has to know whether it has seen that landing.

    Of a topic the ledger is asked, as its received model does (`new_landings`): a batch whose files are there and whose
    line in the ledger is not yet would count as seen, and be left for good.
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
    {{ return(found.answer) }}
{% endmacro %}
