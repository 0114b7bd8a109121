{#-
    Overrides dbt.materialization_test_default (dbt-adapters 1.24.5).

    A run's data tests renew its lock too: they may last longer than the lease. Its unit tests do not: dbt gives each a
    graph of its own, so that none could see that another has renewed it.

    A data test that has seen all that it reads (nothing_to_test) passes without SQL of its own: the first of a command asks
    for the result of a test without failures, the others take it.
-#}
{% materialization test, default %}
    {% do keep_run_lock() if command_writes() %}
    {% if not nothing_to_test() %}
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
{% endmaterialization %}
