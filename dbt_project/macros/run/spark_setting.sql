{#- The value of a setting of Spark's session, '' if it has none. -#}
{% macro spark_setting(name) %}
    {% set found = run_query('set ' ~ name).rows[0][1] | string %}
    {{ return('' if found.startswith('<undefined') else found) }}
{% endmacro %}
