{#- Whether a compiled model's run has no hour to replace (only_reopened) and no row to append (receive). -#}
{% macro writes_nothing(compiled_sql) %}
    {% set strategy = config.get('incremental_strategy') %}
    {{ return(nothing_landed() in compiled_sql if strategy == 'append' else reopened_condition(compiled_sql) == no_rows()) }}
{% endmacro %}
