{#- The received table of a raw table of a topic as it is in the warehouse; none if it was never built. -#}
{% macro received_relation(table) %}
    {% set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') %}
    {{ return(relation_of((models | selectattr('alias', 'equalto', 'int_' ~ table ~ '_received') | first).unique_id)) }}
{% endmacro %}
