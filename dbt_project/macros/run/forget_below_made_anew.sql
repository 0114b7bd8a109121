{#-
    Before a run that makes tables anew (--full-refresh, or a table that is gone): build_log forgets the tables below them,
    which then build all that they hold. What a table no longer has leaves no _built_ms behind for them to find. It
    comes before the first write: a run that dies has forgotten too much, which only repeats work.
-#}
{% macro forget_below_made_anew() %}
    {% set built, anew, forgotten = built_through(), [], [] %}
    {% for id in selected_resources if built and id.startswith('model.') %}
        {% set config = graph.nodes[id].config %}
        {% set refreshed = flags.FULL_REFRESH if config.full_refresh is none else config.full_refresh %}
        {% do anew.append(id) if config.materialized == 'incremental' and (refreshed or not relation_of(id)) %}
    {% endfor %}
    {% for id, node in graph.nodes.items() if anew and node.alias in built %}
        {% do forgotten.append(node.alias) if tables_above(id) | select('in', anew) | list %}
    {% endfor %}
    {% if forgotten %}
        {% do run_query("delete from " ~ state_table('build_log') ~ " where model in ('" ~ forgotten | join("', '") ~ "')") %}
        {% for name in forgotten %}
            {% do built.pop(name) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
