{#-
    Overrides dbt_spark.spark__create_csv_table (dbt-spark 1.11.0), dbt_spark.spark__reset_csv_table (dbt-spark 1.11.0) and
    dbt_spark.spark__load_csv_rows (dbt-spark 1.11.0).

    A seed is replaced at once, behind the fence: the table and its rows are one statement, and so one commit of Delta's. dbt-spark drops the
    table, makes it and fills it: a command that was killed in between would leave an empty seed, over which the next run
    finds no zone for any row, and a received row is decided once.
-#}
{% macro spark__create_csv_table(model, agate_table) %}
    {% do load_seed() %}
    {% set types, bindings = [], [] %}
    {% for name in agate_table.column_names %}
        {% do types.append(model.config.column_types.get(name) or adapter.convert_type(agate_table, loop.index0)) %}
    {% endfor %}
    {% for row in agate_table.rows %}
        {% do bindings.extend(row) %}
    {% endfor %}
    {% set sql %}
        create or replace table {{ this }} {{ file_format_clause() }} {{ comment_clause() }} as
        select * from (
        select
            {%- for name in agate_table.column_names %} cast(null as {{ types[loop.index0] }}) as {{ name }}{{ "," if not loop.last }}{% endfor %}
        where false
        {%- if agate_table.rows %}
        union all select * from values
            {%- for row in agate_table.rows %}
            ({% for type in types %}cast({{ get_binding_char() }} as {{ type }}){{ ", " if not loop.last }}{% endfor %}){{ "," if not loop.last }}
            {%- endfor %}
        {%- endif %}
        ) as seed where {{ spark_fence() }}
    {% endset %}
    {% do adapter.add_query(sql, bindings=bindings, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}

{% macro spark__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {{ return(create_csv_table(model, agate_table)) }}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
    {{ return('') }}
{% endmacro %}
