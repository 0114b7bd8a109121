{#- Makes run_lock where it is missing. It asks nothing of dbt's cache, which would open a transaction on Redshift. -#}
{% macro create_run_lock() %}
    {% do run_query(create_table_sql(
        state_table('run_lock'), 'invocation_id varchar(64), started_ms bigint, expires_ms bigint, host varchar(255), process varchar(64)'
    )) %}
{% endmacro %}
