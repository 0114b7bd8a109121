{#-
    A failure that cannot be mended is accepted by hand: these tests (their unique ids) have seen what is written now: up to
    the start of the last run, whether it logged what it built or not (a range rebuild, a run that failed).
    dbt run-operation accept_failures --args '{tests: [test.junction.each_landed_row_is_received_once]}'
-#}
{% macro accept_failures(tests) %}
    {% set known = graph.nodes.values() | selectattr('resource_type', 'equalto', 'test') | map(attribute='unique_id') | list %}
    {% set last = run_lock_row() %}
    {% do exceptions.raise_compiler_error("A run is writing: accept the failures when it is done.") if last.invocation_id and last.expires_ms > utc_ms() %}
    {% for test in tests %}
        {% do exceptions.raise_compiler_error("There is no test " ~ test ~ ": take its unique id from dbt ls --resource-type test --output json.") if test not in known %}
        {% do run_query("insert into " ~ state_table('tests_passed') ~ " values ('" ~ test ~ "', " ~ last.started_ms ~ ", '" ~ invocation_id ~ "')") %}
        {% do log("Accepted what " ~ test ~ " has found.", info=true) %}
    {% endfor %}
{% endmacro %}
