{#-
    At the end of a command: each test that passed has seen all that was written when it ran: in a build up to its start,
    else up to the last run that has ended. A test that only warns asks for no mending: it has seen it too. Rows are only
    added, since `dbt test` holds no lock; maintain_tables removes the old ones.
-#}
{% macro note_tests_passed(results) %}
    {% set through_ms = built_ms() if command_builds_models() else (built_through().values() | max | default(0, true)) %}
    {% set rows = [] %}
    {% for result in results if result.node.resource_type == 'test' and result.status in ('pass', 'warn') %}
        {% do rows.append("('" ~ result.node.unique_id ~ "', " ~ through_ms ~ ", '" ~ invocation_id ~ "')") %}
    {% endfor %}
    {% for some in rows | batch(500) %}
        {% do run_query("insert into " ~ state_table('tests_passed') ~ " values " ~ some | join(', ')) %}
    {% endfor %}
{% endmacro %}
