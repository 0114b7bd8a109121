{#-
    After a run: build_log gets a line for each table that was built, through which _built_ms it has seen its inputs
    (seen_through). A range rebuild gets none: it has looked at its range only.
-#}
{% macro end_run(results) %}
    {% if execute and command_writes() %}
        {% set built = results | selectattr('status', 'equalto', 'success') | map(attribute='node') | selectattr('config.materialized', 'equalto', 'incremental') | map(attribute='unique_id') | list %}
        {% if built and not var('from', none) and holds_run_lock() %}
            {% set rows = [] %}
            {% for id, through_ms in seen_through(built).items() %}
                {% do rows.append("('" ~ graph.nodes[id].alias ~ "', " ~ through_ms ~ ", '" ~ invocation_id ~ "')") %}
            {% endfor %}
            {% do run_query("insert into " ~ state_table('build_log') ~ " values " ~ rows | join(', ')) %}
        {% endif %}
        {% do release_run_lock(invocation_id) %}
    {% endif %}
{% endmacro %}
