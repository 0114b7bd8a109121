{#-
    dbt's question for the newest row of a source, asked of the last two landing hours first: what the filter of the contract
    lets through is up to two days of raw, and mostly the answer lies in the last minutes.
-#}
{% macro collect_freshness(source, loaded_at_field, filter) %}
    {% set hour_ago = modules.datetime.datetime.now(modules.pytz.utc) - modules.datetime.timedelta(hours=1) %}
    {% if not filter %}
        {{ return(dbt.collect_freshness(source, loaded_at_field, filter)) }}
    {% endif %}
    {% set recent = dbt.collect_freshness(source, loaded_at_field, filter ~ ' and ' ~ landed_from(hour_ago, '')) %}
    {{ return(recent if recent.table.rows[0][0] is not none else dbt.collect_freshness(source, loaded_at_field, filter)) }}
{% endmacro %}
