{#-
    The history of these tables stays as it is, though their code has changed: the next run records its own code as
    theirs. dbt run-operation accept_code --args '{models: [agg_route_hours]}'
-#}
{% macro accept_code(models) %}
    {% do run_query("delete from " ~ state_table('built_code') ~ " where model in ('" ~ models | join("', '") ~ "')") %}
{% endmacro %}
