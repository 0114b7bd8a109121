{#-
    Overrides dbt_redshift.materialization_view_redshift (dbt-redshift 1.11.1) and
    dbt_spark.materialization_view_spark (dbt-spark 1.11.0).

    Both keep the run lock, and the digest of the view's SQL for the tables that read through it (code_md5). On Redshift a
    view of the same SQL as before is left alone: to drop and make it again would take locks in every run. What it was made
    from is in its comment (view_mark). --full-refresh makes all views anew.
-#}
{% materialization view, adapter='redshift' %}
    {% do keep_run_lock() %}
    {% do memo_set('code ' ~ model.alias, local_md5(code_text(compiled_code))) %}
    {% set existing = load_cached_relation(this) %}
    {% if existing is not none and existing.is_view and not should_full_refresh() and view_comment(this) == view_mark() %}
        {% call noop_statement('main', 'UNCHANGED') %}{% endcall %}
        {{ return({'relations': [this.incorporate(type='view')]}) }}
    {% endif %}
    {{ return(dbt.materialization_view_redshift()) }}
{% endmaterialization %}

{% materialization view, adapter='spark' %}
    {% do keep_run_lock() %}
    {% do memo_set('code ' ~ model.alias, local_md5(code_text(compiled_code))) %}
    {{ return(dbt.materialization_view_spark()) }}
{% endmaterialization %}
