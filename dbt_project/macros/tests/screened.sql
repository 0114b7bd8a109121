{#-
    Whether no row breaks a data test that looks at each row by itself, by one scan for all such tests of its model that
    this command runs and that look at the same rows: the first of them counts the breaks of all. One that begins while
    the scan runs asks for itself; one that is broken runs in dbt's own way. Each has passed before with these same
    arguments, so that an error in a new condition is that of its own test.
-#}
{% macro screened() %}
    {% set passed_ms = passed_through() %}
    {% if passed_ms is none or should_store_failures() or not broken_row(model) %}
        {{ return(false) }}
    {% endif %}
    {% set scan = 'scan of ' ~ model.attached_node ~ ' from ' ~ passed_ms %}
    {% if memo(scan ~ ' begun') is none %}
        {% do memo_set(scan ~ ' begun', true) %}
        {% do memo_set(scan, broken_rows(passed_ms)) %}
    {% endif %}
    {{ return((memo(scan) or {}).get(model.unique_id) == 0) }}
{% endmacro %}

{#- {unique_id: rows that break it} of the tests of this test's model that have passed through `passed_ms`; {} of a single one. -#}
{% macro broken_rows(passed_ms) %}
    {% set counts = {} %}
    {% for test in graph.nodes.values() if test.attached_node == model.attached_node and test.unique_id in selected_resources %}
        {% set condition = broken_row(test) if passed_through(test.unique_id) == passed_ms else none %}
        {% do counts.update({test.unique_id: "coalesce(sum(case when " ~ condition ~ " then 1 else 0 end), 0)"}) if condition %}
    {% endfor %}
    {% if counts | length < 2 %}
        {{ return({}) }}
    {% endif %}
    {% set rows = get_where_subquery(ref(graph.nodes[model.attached_node].name)) %}
    {% set breaks = rows_of("select " ~ counts.values() | join(', ') ~ " from " ~ rows)[0] %}
    {{ return(dict(zip(counts.keys(), breaks | map('int')))) }}
{% endmacro %}

{#- When a row breaks this test; none if it does not look at each row by itself, or is configured to look at less. -#}
{% macro broken_row(test) %}
    {% set config, asks = test.config, test.test_metadata if test.attached_node else none %}
    {% if not asks or config.where or config.limit or (config.fail_calc, config.warn_if, config.error_if) != ('count(*)', '!= 0', '!= 0') %}
        {{ return(none) }}
    {% endif %}
    {% set arguments = asks.kwargs.items() | rejectattr(0, 'equalto', 'model') | list %}
    {{ return(breaks(asks.name, dict(arguments)) if '{{' not in arguments | string) }}
{% endmacro %}
