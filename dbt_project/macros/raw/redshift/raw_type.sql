{#- https://docs.aws.amazon.com/redshift/latest/dg/r_VARBYTE_type.html -#}
{% macro redshift_raw_type(data_type) %}
    {{ return({'double': 'double precision', 'binary': 'varbyte(1024000)'}.get(data_type, data_type)) }}
{% endmacro %}
