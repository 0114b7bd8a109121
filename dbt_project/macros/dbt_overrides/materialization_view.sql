{#-
    Overrides dbt_redshift.materialization_view_redshift (dbt-redshift 1.11.1),
    dbt_spark.materialization_view_spark (dbt-spark 1.11.0) and
    dbt.materialization_view_default (dbt-adapters 1.24.5) on DuckDB.

    All keep the run lock, and the digest of the view's SQL for the tables that read through it (code_md5). On Redshift and
    DuckDB a view of the same SQL as before is left alone: to drop and make it again would take locks in every run on the
    one, and half of the time of a run with nothing new on the other. What it was made from is in its comment (view_mark).
    --full-refresh makes all views anew.
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

{% materialization view, adapter='duckdb' %}
    {% do keep_run_lock() %}
    {% do memo_set('code ' ~ model.alias, local_md5(code_text(compiled_code))) %}
    {% set existing = load_cached_relation(this) %}
    {% if existing is not none and existing.is_view and not should_full_refresh() and duckdb_view_marks().get(this.identifier) == view_mark() %}
        {% call noop_statement('main', 'UNCHANGED') %}{% endcall %}
        {{ return({'relations': [existing]}) }}
    {% endif %}
    {% do duckdb_narrow_to_nothing() %}
    {% set built = create_or_replace_view() %}
    {% do persist_docs(built.relations[0], model) %}
    {% do adapter.commit() %}
    {{ return(built) }}
{% endmaterialization %}
