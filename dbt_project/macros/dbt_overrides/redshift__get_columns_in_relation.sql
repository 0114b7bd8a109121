{#-
    Overrides dbt_redshift.redshift__get_columns_in_relation (dbt-redshift 1.11.1).

    The same question to the catalog without its last part: svv_external_columns asks the Glue catalog, and a run would do
    so for each table. Only raw is external.
    https://docs.aws.amazon.com/redshift/latest/dg/PG_GET_LATE_BINDING_VIEW_COLS.html
-#}
{% macro redshift__get_columns_in_relation(relation) %}
    {% if relation.schema == 'raw' %}
        {{ return(dbt.redshift__get_columns_in_relation(relation)) }}
    {% endif %}
    {% set query %}
        with bound as (
            select
                ordinal_position, table_schema, column_name, data_type,
                character_maximum_length, numeric_precision, numeric_scale
            from information_schema."columns"
            where table_name = '{{ relation.identifier }}'
        ),

        unbound as (
            select
                ordinal_position, view_schema, col_name,
                case
                    when col_type like 'character varying%' then 'character varying'
                    when col_type like 'numeric%' then 'numeric'
                    else col_type
                end as data_type,
                case when col_type like 'character%' then nullif(regexp_substr(col_type, '[0-9]+'), '')::int end as length,
                case when col_type like 'numeric%' then nullif(split_part(regexp_substr(col_type, '[0-9,]+'), ',', 1), '')::int end as precision,
                case when col_type like 'numeric%' then nullif(split_part(regexp_substr(col_type, '[0-9,]+'), ',', 2), '')::int end as scale
            from pg_get_late_binding_view_cols()
                cols(view_schema name, view_name name, col_name name, col_type varchar, ordinal_position int)
            where view_name = '{{ relation.identifier }}'
        ),

        both_kinds as (
            select * from bound
            union all
            select * from unbound
        )

        select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale
        from both_kinds
        {% if relation.schema %}where table_schema = '{{ relation.schema }}'{% endif %}
        order by ordinal_position
    {% endset %}
    {{ return(sql_convert_columns_in_relation(run_query(query))) }}
{% endmacro %}
