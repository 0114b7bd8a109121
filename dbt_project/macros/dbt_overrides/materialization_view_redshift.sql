{#-
    A view that says the same as before is left alone: to drop and make it again would take locks in every run. What it
    was made from is in its comment. --full-refresh makes all views anew.
-#}
{% materialization view, adapter='redshift' %}
    {% set existing = load_cached_relation(this) %}
    {% if existing is not none and existing.is_view and not should_full_refresh() and view_comment(this) == view_mark() %}
        {% call noop_statement('main', 'UNCHANGED') %}{% endcall %}
        {{ return({'relations': [this.incorporate(type='view')]}) }}
    {% endif %}
    {{ return(dbt.materialization_view_redshift()) }}
{% endmaterialization %}

{#- With the view itself, in one transaction. https://docs.aws.amazon.com/redshift/latest/dg/r_COMMENT.html -#}
{% macro redshift__create_view_as(relation, sql) %}
    {{ dbt.redshift__create_view_as(relation, sql) }}
    comment on view {{ relation }} is '{{ view_mark() }}';
{% endmacro %}

{#- Of the view's own SQL, and of all models that it reads through: a star takes their columns. -#}
{% macro view_mark() %}
    {% set seen = {} %}
    {% do collect_checksums(model, seen) %}
    {{ return('dbt ' ~ local_md5(compiled_code ~ (seen.items() | sort | string))) }}
{% endmacro %}

{% macro collect_checksums(node, seen) %}
    {% for unique_id in node.depends_on.nodes if unique_id not in seen %}
        {% set above = graph.nodes.get(unique_id) or graph.sources.get(unique_id) %}
        {% do seen.update({unique_id: above.checksum.checksum if above.checksum else above.columns | string}) %}
        {% do collect_checksums(above, seen) if above.depends_on %}
    {% endfor %}
{% endmacro %}

{% macro view_comment(relation) %}
    {% set found = run_query(
        "select d.description from pg_description as d inner join pg_class as c on d.objoid = c.oid and d.objsubid = 0"
        ~ " inner join pg_namespace as n on c.relnamespace = n.oid"
        ~ " where n.nspname = '" ~ relation.schema ~ "' and c.relname = '" ~ relation.identifier ~ "'"
    ).rows %}
    {{ return(found[0][0] if found else '') }}
{% endmacro %}
