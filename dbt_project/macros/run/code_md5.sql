{#-
    A digest of what a table's rows are computed by: its own SQL with all macros and vars, without what a run puts in; the
    SQL of the views that it reads through; the content and types of the seeds that it reads, as they were loaded last. none
    if one of these views or seeds was never recorded: it is once a run builds it.
-#}
{% macro code_md5() %}
    {% set parts = {} %}
    {% do collect_code(model, parts) %}
    {% if none in parts.values() %}
        {{ return(none) }}
    {% endif %}
    {{ return(local_md5(plain_code() ~ (parts.items() | sort | string))) }}
{% endmacro %}

{#- The text of plain_sql, worked out once for the project as it is parsed and what a command can say that changes it. -#}
{% macro plain_code() %}
    {% set said = invocation_args_dict %}
    {% set kept = ['plain code', model.unique_id, target.name, target.schema, said.vars, said.empty, said.sample] | join(' ') %}
    {% if kept not in graph %}
        {% do graph.update({kept: code_text(plain_sql())}) %}
    {% endif %}
    {{ return(graph[kept]) }}
{% endmacro %}

{#- The model's SQL as it compiles elsewhere than in a run: for all hours, with no question to the warehouse. -#}
{% macro plain_sql() %}
    {% do memo_set('plain ' ~ model.unique_id, true) %}
    {% set sql = render(model.raw_code) %}
    {% do memo_set('plain ' ~ model.unique_id, false) %}
    {{ return(sql | replace(run_started_ms() | string, '')) }}
{% endmacro %}

{#- {unique_id: digest} of the views and seeds between `node` and the tables that it reads. -#}
{% macro collect_code(node, parts) %}
    {% for id in node.depends_on.nodes if id in graph.nodes and id not in parts %}
        {% set above = graph.nodes[id] %}
        {% if above.config.materialized in ('view', 'seed') %}
            {% do parts.update({id: memo('code ' ~ above.alias) or built_code().get(above.alias)}) %}
            {% do collect_code(above, parts) if above.resource_type != 'seed' %}
        {% endif %}
    {% endfor %}
{% endmacro %}
