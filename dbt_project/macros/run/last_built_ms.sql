{#- Up to which _built_ms a model has seen its inputs; 0 if nothing is known, which only repeats work. -#}
{% macro last_built_ms(model_name) %}{{ return(built_through().get(model_name, 0)) }}{% endmacro %}
