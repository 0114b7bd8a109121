{#-
    Before a run: the session is as it must be (check_session), the state tables and raw's external tables exist, this run
    holds the lock, what is below a table that is made anew is forgotten, and raw has the partitions of all that was landed.
    Read-only commands take no lock; docs and lint skip this hook. What tests will have seen is what was built by now: a run that ends meanwhile moves no mark of theirs.
-#}
{% macro start_run() %}
    {% if execute and invocation_args_dict.get('empty') %}
        {% do exceptions.raise_compiler_error(
            "--empty would log hours as built that are not: to check the SQL only, run the unit tests (dbt test --select test_type:unit)."
        ) %}
    {% endif %}
    {% if execute and command_reads_raw() %}
        {% do check_session() %}
        {% do create_state_tables() %}
        {% do take_run_lock() if command_writes() %}
        {% do built_through() if command_tests() %}
        {% do forget_below_made_anew() if command_builds_models() %}
        {% do grant_usage() %}
        {% do create_raw_tables() %}
        {% do add_landed_partitions() %}
        {% do recent_batches() if command_builds_models() %}
    {% endif %}
{% endmacro %}
