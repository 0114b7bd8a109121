{#-
    Whether a data test has seen all that it reads: it has passed since the last command that wrote, and this command has
    left alone every table that it reads, itself or through views. A source is always looked at, and so is a view whose SQL
    has changed, and a seed that is loaded.
-#}
{% macro nothing_to_test() %}
    {% if var('audit') == 'full' or should_store_failures() or not command_tests() %}
        {{ return(false) }}
    {% endif %}
    {% set passed_ms = passed_through() %}
    {{ return(passed_ms is not none and passed_ms >= last_run_ms() and not changed_above(model)) }}
{% endmacro %}

{% macro changed_above(node) %}
    {% for id in node.depends_on.nodes %}
        {% set above = graph.nodes.get(id) %}
        {% set built = id in selected_resources and command_writes() %}
        {% if not above or above.resource_type == 'seed' and built %}
            {{ return(true) }}
        {% elif above.config.materialized == 'incremental' %}
            {% if built and not memo('left ' ~ id) %}
                {{ return(true) }}
            {% endif %}
        {% elif built and memo('code ' ~ above.alias) != built_code().get(above.alias) or changed_above(above) %}
            {{ return(true) }}
        {% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}
