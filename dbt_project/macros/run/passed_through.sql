{#-
    Through which _built_ms a data test has passed (this one, unless another's id is given): it looks at what was written
    since. none: it never passed, or this command runs no tests; then it looks at everything. A test that fails keeps its
    mark, and so stays red until what it found is mended, however many runs later.
-#}
{% macro passed_through(test=none) %}
    {% set passed = memo('tests_passed') %}
    {% if passed is none %}
        {% set passed = {} %}
        {% for test, through_ms in rows_of("select test, max(through_ms) from " ~ state_table('tests_passed') ~ " group by test") %}
            {% do passed.update({test: through_ms | int}) %}
        {% endfor %}
        {% do memo_set('tests_passed', passed) %}
    {% endif %}
    {{ return(passed.get(test or model.unique_id)) }}
{% endmacro %}
