{#- Up to which _built_ms a model has seen its inputs; 0 if build_log has no line of it: then it builds all that it holds. -#}
{% macro built_through_ms(model_name) %}{{ return(built_through().get(model_name, 0)) }}{% endmacro %}
