{#-
    Is a model being built now? Elsewhere (docs, lint, unit tests) a model compiles to its full form, with no question
    to the warehouse.
-#}
{% macro is_building_model() %}
    {{ return(execute and command_builds_models() and model.resource_type == 'model') }}
{% endmacro %}
