{#-
    Overrides dbt.default__get_empty_schema_sql (dbt-adapters 1.24.5) and
    dbt.default__get_table_columns_and_constraints (dbt-adapters 1.24.5) on Redshift.

    Both make column lists of a model's contract, whose types are written as Spark spells them (redshift_contract_columns).
-#}
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
