{#- Up to which _built_ms a model has seen its inputs; 0 if nothing is known, which only repeats work. -#}
{% macro last_built_ms(model_name) %}
    {% set found = run_query("select max(through_ms) from " ~ state_table('build_log') ~ " where model = '" ~ model_name ~ "'").rows[0][0] %}
    {{ return((found or 0) | int) }}
{% endmacro %}
