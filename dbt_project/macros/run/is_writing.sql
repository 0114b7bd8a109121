{#-
    Is a model being built now? Elsewhere (docs, lint, unit tests) a model compiles to its full form, with no question
    to the warehouse.
-#}
{% macro is_writing() %}
    {{ return(execute and flags.WHICH in ('run', 'build') and model.resource_type == 'model') }}
{% endmacro %}
