{#- The relation of one of the project's own state tables: build_log or run_lock. -#}
{% macro state_table(name) %}
    {{ return(api.Relation.create(database=target.database if target.type != 'spark' else none, schema=target.schema, identifier=name)) }}
{% endmacro %}
