{#- Frees the lock that a killed run left: dbt run-operation release_run_lock -#}
{% macro release_run_lock(holder=none) %}
    {% do run_query(
        "update " ~ state_table('run_lock') ~ " set invocation_id = ''" ~ (" where invocation_id = '" ~ holder ~ "'" if holder else "")
    ) %}
{% endmacro %}
