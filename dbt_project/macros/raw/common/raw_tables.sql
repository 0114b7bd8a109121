{#- The tables of the contract, as nodes of the graph. -#}
{% macro raw_tables() %}
    {{ return(graph.sources.values() | selectattr('source_name', 'equalto', 'raw') | sort(attribute='name')) }}
{% endmacro %}
