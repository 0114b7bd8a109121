{#-
    The tables among a model's ancestors, by unique_id; with `nearest` those that it reads itself or through views. Worked
    out once for the project as it is parsed.
-#}
{% macro tables_above(id, nearest=false) %}
    {% set kept = 'tables above ' ~ id ~ nearest %}
    {% if kept in graph %}
        {{ return(graph[kept]) }}
    {% endif %}
    {% set found = {} %}
    {% for parent in graph.nodes[id].depends_on.nodes if parent.startswith('model.') %}
        {% set is_table = graph.nodes[parent].config.materialized == 'incremental' %}
        {% if is_table %}
            {% do found.update({parent: true}) %}
        {% endif %}
        {% if not (is_table and nearest) %}
            {% do found.update(dict.fromkeys(tables_above(parent, nearest), true)) %}
        {% endif %}
    {% endfor %}
    {% do graph.update({kept: found.keys() | list}) %}
    {{ return(graph[kept]) }}
{% endmacro %}
