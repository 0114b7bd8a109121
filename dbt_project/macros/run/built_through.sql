{#-
    {model: the greatest through_ms of build_log}. The log does not change while a command lasts, so the first node that
    asks keeps the answer for all: in the graph, which they share, and which the next command shares too where a manifest
    is passed on (dbtRunner).
-#}
{% macro built_through() %}
    {% if graph.get('built_through', {}).get('invocation_id') != invocation_id %}
        {% set built = {} %}
        {% for model, through_ms in run_query("select model, max(through_ms) from " ~ state_table('build_log') ~ " group by model").rows %}
            {% do built.update({model: through_ms | int}) %}
        {% endfor %}
        {% do graph.update({'built_through': {'invocation_id': invocation_id, 'models': built}}) %}
    {% endif %}
    {{ return(graph['built_through']['models']) }}
{% endmacro %}
