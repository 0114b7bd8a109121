{#-
    A contract's columns with the types of Redshift. The models' properties spell them as Spark does; one differs.
    https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_types201.html
-#}
{% macro redshift_contract_columns(columns) %}
    {% set translated = {} %}
    {% for name, column in columns.items() %}
        {% set data_type = 'double precision' if column.data_type == 'double' else column.data_type %}
        {% do translated.update({name: dict(column, data_type=data_type)}) %}
    {% endfor %}
    {{ return(translated) }}
{% endmacro %}
