{#- {model: the greatest through_ms of build_log}. The log does not change during a command, so it is read once. -#}
{% macro built_through() %}
    {% set known = memo('built_through') %}
    {% if known is not none %}
        {{ return(known) }}
    {% endif %}
    {% set built = {} %}
    {% for model, through_ms in rows_of("select model, max(through_ms) from " ~ state_table('build_log') ~ " group by model") %}
        {% do built.update({model: through_ms | int}) %}
    {% endfor %}
    {{ return(memo_set('built_through', built)) }}
{% endmacro %}
