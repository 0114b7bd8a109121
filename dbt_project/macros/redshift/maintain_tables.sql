{#-
    After large rebuilds: dbt run-operation maintain_tables. Redshift vacuums and analyzes by itself when it is idle; a
    rebuilt range leaves more deleted rows and older statistics than that may wish to wait for.
    https://docs.aws.amazon.com/redshift/latest/dg/t_Reclaiming_storage_space202.html
-#}
{% macro maintain_tables() %}
    {% for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('config.materialized', 'equalto', 'incremental') %}
        {% set table = '"' ~ node.schema ~ '"."' ~ node.alias ~ '"' %}
        {#- Each by itself: neither may run in a transaction with others. -#}
        {% do run_query('vacuum full ' ~ table) %}
        {% do run_query('analyze ' ~ table) %}
    {% endfor %}
{% endmacro %}
