{#-
    Overrides dbt.collect_freshness (dbt-adapters 1.24.5).

    dbt's question for the newest row of a source, asked of the last two landing hours first: the filter of the contract
    admits up to two days of raw, and the answer is mostly in the last minutes. A source that has been quiet for longer is
    asked without the filter: `make refresh` compares that landing with what it has built.

    For a topic the ledger is asked, as in its received model (`new_landings`). A batch can have its files before its line
    in the ledger: it would count as seen, and never be built.
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
