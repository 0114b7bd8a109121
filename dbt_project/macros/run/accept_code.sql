{#-
    The history of these tables stays as it is, though their code has changed: the next run records its own code as
    theirs. dbt run-operation accept_code --args '{models: [agg_route_hours]}'
-#}
{% macro accept_code(models) %}
    {% set known = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | map(attribute='name') | list %}
    {% do exceptions.raise_compiler_error("models is no list: write names as --args '{models: [" ~ models ~ "]}'.") if models is string %}
    {% for name in models if name not in known %}
        {% do exceptions.raise_compiler_error("There is no model " ~ name ~ ": write names as --args '{models: [agg_route_hours]}'.") %}
    {% endfor %}
    {% do run_query("delete from " ~ state_table('built_code') ~ " where model in ('" ~ models | join("', '") ~ "')") %}
    {% do log("Accepted the history of " ~ models | join(', ') ~ ".", info=true) %}
{% endmacro %}
