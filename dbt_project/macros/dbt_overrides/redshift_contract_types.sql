{#-
    The types of the contracts are written as Spark spells them, in the models' properties. Redshift spells one
    differently; these overrides of dbt's own macros translate where its column lists are made.
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

{% macro redshift__get_empty_schema_sql(columns) %}
    {{ return(default__get_empty_schema_sql(redshift_contract_columns(columns))) }}
{% endmacro %}

{% macro redshift__get_table_columns_and_constraints() %}
    (
    {% for column in adapter.render_raw_columns_constraints(raw_columns=redshift_contract_columns(model.columns)) %}
        {{ column }}{{ "," if not loop.last }}
    {% endfor %}
    )
{% endmacro %}
