{#- {topic: its raw table}, from the contract. -#}
{% macro topic_tables() %}
    {% set tables = {} %}
    {% for table in raw_tables() if table.config.meta.get('topic') %}
        {% do tables.update({table.config.meta.topic: table.identifier}) %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}
