{#-
    After a run: what succeeded has seen its inputs up to this run's start. A range rebuild says nothing of the sort:
    it looked at its range only.
-#}
{% macro end_run(results) %}
    {% if execute and flags.WHICH in ('run', 'build', 'seed') %}
        {% set built = [] %}
        {% for result in results if result.status == 'success' and result.node.config.materialized == 'incremental' %}
            {% do built.append("('" ~ result.node.alias ~ "', " ~ built_ms() ~ ", '" ~ invocation_id ~ "')") %}
        {% endfor %}
        {% if built and not var('from', none) and holds_run_lock() %}
            {% do run_query("insert into " ~ state_table('build_log') ~ " values " ~ built | join(', ')) %}
        {% endif %}
        {% do release_run_lock(invocation_id) %}
    {% endif %}
{% endmacro %}

{% macro holds_run_lock() %}
    {{ return(run_query("select invocation_id from " ~ state_table('run_lock')).rows[0][0] == invocation_id) }}
{% endmacro %}
