{#-
    Up to which _built_ms a model has seen its inputs; 0 if nothing is known, which only repeats work. build_log does not
    change while a run lasts, so the first model that asks keeps the answer for all: in the graph, which they share.
-#}
{% macro last_built_ms(model_name) %}
    {% if not graph.get('built_through') %}
        {% set built = {} %}
        {% for model, through_ms in run_query("select model, max(through_ms) from " ~ state_table('build_log') ~ " group by model").rows %}
            {% do built.update({model: through_ms | int}) %}
        {% endfor %}
        {% do graph.update({'built_through': built}) %}
    {% endif %}
    {{ return(graph['built_through'].get(model_name, 0)) }}
{% endmacro %}
