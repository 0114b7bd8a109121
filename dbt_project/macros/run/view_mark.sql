{#-
    What a view was made from, as text for its comment: its own SQL, and all models that it reads through, since a star takes
    their columns.
-#}
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

{#- The comment of a relation on Redshift, '' if it has none. -#}
{% macro view_comment(relation) %}
    {% set found = run_query(
        "select d.description from pg_description as d inner join pg_class as c on d.objoid = c.oid and d.objsubid = 0"
        ~ " inner join pg_namespace as n on c.relnamespace = n.oid"
        ~ " where n.nspname = '" ~ relation.schema ~ "' and c.relname = '" ~ relation.identifier ~ "'"
    ).rows %}
    {{ return(found[0][0] if found else '') }}
{% endmacro %}

{#- {view: its comment} of the schema of the models on DuckDB, read once a command. -#}
{% macro duckdb_view_marks() %}
    {% set known = memo('view_marks') %}
    {% if known is not none %}
        {{ return(known) }}
    {% endif %}
    {% set marks = {} %}
    {% for name, comment in run_query(
        "select view_name, comment from duckdb_views() where schema_name = '" ~ target.schema ~ "' and database_name = current_database()"
    ).rows %}
        {% do marks.update({name: comment}) %}
    {% endfor %}
    {{ return(memo_set('view_marks', marks)) }}
{% endmacro %}
