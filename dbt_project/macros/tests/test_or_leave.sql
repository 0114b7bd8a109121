{#-
    A data test that has seen all that it reads (nothing_to_test), or that its model's scan has shown to pass (screened),
    passes without SQL of its own: the first of a command asks for the result of a test without failures, the others take
    it. With `at_once`, so does one that passes (passes_at_once).
-#}
{% macro test_or_leave(at_once=false) %}
    {% do keep_run_lock() if command_writes() %}
    {% if not nothing_to_test() and not screened() and not (at_once and passes_at_once()) %}
        {{ return(dbt['materialization_test_default']()) }}
    {% endif %}
    {% set passed = memo('passed test') %}
    {% if passed is none %}
        {% call statement('main', fetch_result=True) %}select 0 as failures, 1 = 0 as should_warn, 1 = 0 as should_error{% endcall %}
        {% do memo_set('passed test', load_result('main')) %}
    {% else %}
        {% do store_result('main', response=passed.response, agate_table=passed.table) %}
    {% endif %}
    {{ return({'relations': []}) }}
{% endmacro %}
