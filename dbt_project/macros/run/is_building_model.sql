{#-
    Is a model being built now? Elsewhere (docs, lint, unit tests) a model compiles to its full form, with no question
    to the warehouse; so does plain_sql within a run.
-#}
{% macro is_building_model() %}
    {{ return(execute and command_builds_models() and model.resource_type == 'model' and not memo('plain ' ~ model.unique_id)) }}
{% endmacro %}
