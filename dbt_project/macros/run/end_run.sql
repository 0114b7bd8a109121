{#-
    After a run: build_log gets a line for each table that was built, through which _built_ms it has seen its inputs
    (seen_through). A range rebuild gets none: it has looked at its range only. A run that lost its lock gets none: the
    same statement reads the lock. After tests: tests_passed (note_tests_passed).
    What was built anew or loaded: built_code (note_built_code). What was passed by: passed_by (note_passed_by).
-#}
{% macro end_run(results) %}
    {% if execute and command_tests() and (not command_writes() or holds_run_lock()) %}
        {% do note_tests_passed(results) %}
    {% endif %}
    {% if execute and command_writes() %}
        {% set built = results | selectattr('status', 'equalto', 'success') | map(attribute='node') | selectattr('config.materialized', 'equalto', 'incremental') | map(attribute='unique_id') | list %}
        {% if built and not var('from', none) %}
            {% set rows = [] %}
            {% for id, through_ms in seen_through(built).items() %}
                {% do rows.append("select '" ~ graph.nodes[id].alias ~ "' as model, " ~ through_ms ~ " as through_ms") %}
            {% endfor %}
            {% do run_query(
                "insert into " ~ state_table('build_log') ~ " (model, through_ms, invocation_id) select built.model, built.through_ms, held.invocation_id from ("
                ~ rows | join(' union all ') ~ ") as built cross join " ~ state_table('run_lock') ~ " as held where held." ~ is_my_run_lock()
            ) %}
        {% endif %}
        {% if holds_run_lock() %}
            {% do note_built_code(results) %}
            {% do note_passed_by(results) %}
        {% endif %}
        {% do release_run_lock(invocation_id) %}
    {% endif %}
{% endmacro %}
