{#- Makes tests_passed where it is missing. It asks nothing of dbt's cache, which would open a transaction on Redshift. -#}
{% macro create_tests_passed() %}
    {% do run_query(create_table_sql(state_table('tests_passed'), 'test varchar(1024), through_ms bigint, invocation_id varchar(64)')) %}
{% endmacro %}
