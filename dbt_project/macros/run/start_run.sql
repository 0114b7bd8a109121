{#-
    Before a run: the state tables and raw's external tables exist, this run holds the lock, and raw has the partitions
    of all that was landed. Commands that only read need no lock, and docs and lint nothing at all.
-#}
{% macro start_run() %}
    {% if execute and invocation_args_dict.get('empty') %}
        {% do exceptions.raise_compiler_error(
            "--empty would log hours as built that are not: to check the SQL only, run the unit tests (dbt test --select test_type:unit)."
        ) %}
    {% endif %}
    {% if execute and flags.WHICH in ('run', 'build', 'seed', 'test', 'freshness') %}
        {% do create_state_tables() %}
        {% if flags.WHICH in ('run', 'build', 'seed') %}
            {% do take_run_lock() %}
        {% endif %}
        {% do create_raw_tables() %}
        {% do add_landed_partitions() %}
    {% endif %}
{% endmacro %}
