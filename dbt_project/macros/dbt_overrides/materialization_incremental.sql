{#-
    A table whose run has nothing to write is left alone: dbt would still make the temporary relation and compare
    columns, which costs more than finding out that nothing is new. Otherwise dbt's own materialization does it all.
-#}
{% materialization incremental, adapter='spark' %}
    {{ return(write_or_leave('materialization_incremental_spark')) }}
{% endmaterialization %}

{% materialization incremental, adapter='redshift' %}
    {{ return(write_or_leave('materialization_incremental_default')) }}
{% endmaterialization %}

{% macro write_or_leave(materialization) %}
    {% set existing = load_cached_relation(this) %}
    {% if existing is none or existing.is_view or should_full_refresh() or not writes_nothing(compiled_code) %}
        {% do keep_run_lock() %}
        {{ return(dbt[materialization]()) }}
    {% endif %}
    {% call noop_statement('main', 'NOTHING NEW') %}{% endcall %}
    {{ return({'relations': [existing]}) }}
{% endmacro %}
