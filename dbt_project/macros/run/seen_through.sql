{#-
    Up to which _built_ms each of these models, built in this run, has seen its inputs, as {unique_id: SQL}: up to this
    run's start. But where a table above it was left out of the run although it has hours to build, what was read
    there is as old as that table: then only so far, and the model's next run looks at those hours again.
-#}
{% macro seen_through(built_ids) %}
    {% set above, asked = {}, [] %}
    {% for id in built_ids %}
        {% do above.update({id: tables_above(id) | reject('in', built_ids) | list}) %}
    {% endfor %}
    {% for id in above.values() | sum(start=[]) | unique %}
        {% for parent in tables_above(id, nearest=true) if relation_of(id) and relation_of(parent) %}
            {% do asked.append(
                "select distinct '" ~ id ~ "' as id from " ~ relation_of(parent)
                ~ " where _built_ms > " ~ built_through_ms(graph.nodes[id].alias)
            ) %}
        {% endfor %}
    {% endfor %}
    {% set behind = run_query(asked | join(' union ')).columns[0].values() if asked else () %}
    {% set through = {} %}
    {% for id in built_ids %}
        {% set seen = [] %}
        {% for table in above[id] if table in behind %}
            {% do seen.append(built_through_ms(graph.nodes[table].alias)) %}
        {% endfor %}
        {% do through.update({id: seen | min if seen else built_ms()}) %}
    {% endfor %}
    {{ return(through) }}
{% endmacro %}

{#- None where a run takes it from elsewhere (--defer). -#}
{% macro relation_of(id) %}
    {% set node = graph.nodes[id] %}
    {{ return(adapter.get_relation(node.database, node.schema, node.alias)) }}
{% endmacro %}
