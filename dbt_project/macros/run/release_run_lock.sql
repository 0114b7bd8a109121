{#-
    Frees the lock that a killed run left: dbt run-operation release_run_lock. With a `holder` (invocation id) only that of
    this run; with `of_this_process` only that of a run in this process, as local/build.py does when it is interrupted.
-#}
{% macro release_run_lock(holder=none, of_this_process=false) %}
    {% set whose = [] %}
    {% do whose.append("invocation_id = '" ~ holder ~ "'") if holder %}
    {% if of_this_process %}
        {% set us = run_process() %}
        {% do exceptions.raise_compiler_error("The process of a run is not known here: use release_run_lock without of_this_process.") if not us.process %}
        {% do whose.append("host = '" ~ us.host ~ "' and process = '" ~ us.process ~ "'") %}
    {% endif %}
    {% do run_query("update " ~ state_table('run_lock') ~ " set invocation_id = ''" ~ (" where " ~ whose | join(' and ') if whose else "")) %}
{% endmacro %}
