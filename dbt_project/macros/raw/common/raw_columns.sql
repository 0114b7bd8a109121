{#- The columns of a raw table, from the contract: its own, then what landing adds to every topic. A list of {name, data_type}. -#}
{% macro raw_columns(table) %}
    {% set columns = [] %}
    {% for column in table.columns.values() %}
        {% do columns.append({'name': column.name, 'data_type': column.data_type}) %}
    {% endfor %}
    {% if table.config.meta.get('topic') %}
        {% set landing = graph.sources.values() | selectattr('name', 'equalto', 'dead_letters') | first %}
        {% do columns.extend(landing.config.meta.landing_columns) %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}
