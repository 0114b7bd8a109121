{#-
    A condition on a relation: what the last run of its model wrote. '' means all of it (a seed, or the var audit).

    Of a model that only appends, all hours that the run appended to are read: a row must be unique there, not only among
    what is new. Raw is read from the day before on, by its partitions.
-#}
{% macro last_written(relation) %}
    {% if not execute or var('audit') == 'full' %}
        {{ return('') }}
    {% endif %}
    {% if relation.schema == 'raw' %}
        {% set yesterday = run_started_at - modules.datetime.timedelta(days=1) %}
        {{ return("landed_date >= " ~ date_literal(yesterday)) }}
    {% endif %}
    {% set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') %}
    {% set node = models | selectattr('alias', 'equalto', relation.identifier) | first %}
    {% if not node or '_built_ms' not in node.columns %}
        {{ return('') }}
    {% endif %}
    {% set written = "_built_ms >= " ~ last_run_ms(relation.identifier) %}
    {% if node.config.incremental_strategy == 'append' %}
        {{ return("event_hour in (select event_hour from " ~ relation ~ " where " ~ written ~ ")") }}
    {% endif %}
    {{ return(written) }}
{% endmacro %}

{#- The _built_ms of a model's last run: this one in a build, else what build_log has (for a view: of any model). -#}
{% macro last_run_ms(model_name) %}
    {% if command_tests_what_it_builds() %}
        {{ return(built_ms()) }}
    {% endif %}
    {% set through = built_through() %}
    {{ return(through.get(model_name) or (through.values() | max | default(0, true))) }}
{% endmacro %}
