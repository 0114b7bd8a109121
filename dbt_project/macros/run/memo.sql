{#-
    A value that one node of a command works out for all. memo(name) is none until somebody has called
    memo_set(name, value). The value is kept in the graph, which the threads of a command share. Where a manifest is
    passed on (dbtRunner) the next command shares the graph too, so a value counts for its own invocation only.
-#}
{% macro memo(name) %}
    {% set kept = graph.get('memo ' ~ name, {}) %}
    {{ return(kept['value'] if kept.get('invocation_id') == invocation_id else none) }}
{% endmacro %}

{% macro memo_set(name, value) %}
    {% do graph.update({'memo ' ~ name: {'invocation_id': invocation_id, 'value': value}}) %}
    {{ return(value) }}
{% endmacro %}
