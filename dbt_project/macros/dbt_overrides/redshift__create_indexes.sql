{#-
    Overrides dbt.default__create_indexes (dbt-adapters 1.24.5) on Redshift.

    dbt calls it between making a table anew and putting it in its place. Redshift has no indexes; here the transaction
    of the computing ends and that of the exchange begins, behind the fence: with one transaction for both, the full
    refreshes of all threads would wait for each other.
-#}
{% macro redshift__create_indexes(relation) %}
    {% if model.resource_type == 'model' and config.get('materialized') == 'incremental' %}
        {% do adapter.commit() %}
        {% do fence_write() %}
    {% endif %}
{% endmacro %}
