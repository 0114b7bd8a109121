{#-
    Overrides dbt.default__create_indexes (dbt-adapters 1.24.5) on Redshift.

    dbt calls it between making a table anew and putting it in its place. Redshift has no indexes; here the transaction
    of the computing ends and that of the exchange begins, behind the fence: with one transaction for both, the full
    refreshes of all threads would wait for each other. A table that was not there yet has its own name by then: it gets
    that back behind the fence.
-#}
{% macro redshift__create_indexes(relation) %}
    {% if model.resource_type == 'model' and config.get('materialized') == 'incremental' %}
        {% set unfenced = relation.incorporate(path={'identifier': relation.identifier ~ '__dbt_new'}) %}
        {% set is_new = relation.identifier == this.identifier %}
        {% if is_new %}
            {% call statement('drop_unfenced') %}drop table if exists {{ unfenced }} cascade{% endcall %}
            {% call statement('set_aside') %}alter table {{ relation }} rename to {{ unfenced.identifier }}{% endcall %}
        {% endif %}
        {% do adapter.commit() %}
        {% do fence_write() %}
        {% if is_new %}
            {% call statement('put_in_place') %}alter table {{ unfenced }} rename to {{ relation.identifier }}{% endcall %}
        {% endif %}
    {% endif %}
{% endmacro %}
