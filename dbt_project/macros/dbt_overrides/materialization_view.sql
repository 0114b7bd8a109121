{#-
    Overrides dbt_redshift.materialization_view_redshift (dbt-redshift 1.11.1).

    A view of the same SQL as before is left alone: to drop and make it again would take locks in every run. What it was
    made from is in its comment (view_mark). --full-refresh makes all views anew.
-#}
{% materialization view, adapter='redshift' %}
    {% set existing = load_cached_relation(this) %}
    {% if existing is not none and existing.is_view and not should_full_refresh() and view_comment(this) == view_mark() %}
        {% call noop_statement('main', 'UNCHANGED') %}{% endcall %}
        {{ return({'relations': [this.incorporate(type='view')]}) }}
    {% endif %}
    {{ return(dbt.materialization_view_redshift()) }}
{% endmaterialization %}
