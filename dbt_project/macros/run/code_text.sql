{#-
    A model's compiled SQL without the database and schema of what it reads: with --defer, or in another schema, the same
    code names other relations.
-#}
{% macro code_text(sql) %}
    {% set names = [model.alias] %}
    {% for id in model.depends_on.nodes %}
        {% set node = graph.nodes.get(id) or graph.sources.get(id) %}
        {% do names.append(node.alias or node.identifier) if node %}
    {% endfor %}
    {{ return(modules.re.sub('(?:[`"]?[A-Za-z0-9_]+[`"]?[.])+[`"]?(' ~ names | unique | sort | join('|') ~ ')[`"]?(?![A-Za-z0-9_"`.])', '\\1', sql)) }}
{% endmacro %}
