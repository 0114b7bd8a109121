{#-
    A condition on a relation: what was written since this test last passed (passed_through). '' means all of it (a seed,
    the var audit, or a test that never passed). Elsewhere than in a test: what the last run wrote.

    Of a model that appends, or replaces single rows (reopened_rows), all hours that were written to are read: a row must be
    unique there, not only among what is new. Raw is read from the day before on, by its partitions.
-#}
{% macro last_written(relation) %}
    {% if not execute or var('audit') == 'full' %}
        {{ return('') }}
    {% endif %}
    {% set passed_ms = passed_through() if command_tests() else built_through().values() | max | default(0, true) - 1 %}
    {% if passed_ms is none %}
        {{ return('') }}
    {% endif %}
    {% if relation.schema == 'raw' %}
        {% set day_before = [run_started_at.replace(tzinfo=none), moment(passed_ms * 1000)] | min - modules.datetime.timedelta(days=1) %}
        {% do narrow_raw(relation.identifier, passed_ms * 1000 - 2 * 86400000000) if relation.identifier == 'dead_letters' %}
        {{ return("landed_date >= " ~ date_literal(day_before)) }}
    {% endif %}
    {% set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') %}
    {% set node = models | selectattr('alias', 'equalto', relation.identifier) | first %}
    {% if not node or '_built_ms' not in node.columns %}
        {{ return('') }}
    {% endif %}
    {% set written = "_built_ms > " ~ passed_ms %}
    {% if node.config.incremental_strategy == 'append' or '_received_ms' in node.columns %}
        {{ return("event_hour in (select event_hour from " ~ relation ~ " where " ~ written ~ ")") }}
    {% endif %}
    {{ return(written) }}
{% endmacro %}
