{#-
    The external tables over what was landed, made from the contract. Idempotent. A command that writes nothing else
    (`dbt test`, `dbt source freshness`) takes the run lock for it: a run that goes on reads these tables.
-#}
{% macro create_raw_tables() %}
    {% if not raw_tables_are_current() %}
        {% do take_run_lock() if not command_writes() %}
        {% do make_raw_tables() %}
        {% do release_run_lock(invocation_id) if not command_writes() %}
    {% endif %}
{% endmacro %}
