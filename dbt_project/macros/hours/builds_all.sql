{#-
    Whether a model that knows what is reopened takes all of it instead: elsewhere than in a run (is_building_model), for a
    table that is made anew, and where build_log knows nothing of the model and no range is rebuilt.
-#}
{% macro builds_all() %}
    {{ return(not is_building_model() or not is_incremental() or not (var('from', none) or built_through_ms(this.identifier))) }}
{% endmacro %}
