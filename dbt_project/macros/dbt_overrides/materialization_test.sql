{#-
    Overrides dbt.materialization_test_default (dbt-adapters 1.24.5).

    A run's data tests renew its lock too: they may last longer than the lease. Its unit tests do not: dbt gives each a
    graph of its own, so that none could see that another has renewed it.
-#}
{% materialization test, default %}
    {{ return(test_or_leave()) }}
{% endmaterialization %}

{% materialization test, adapter='duckdb' %}
    {{ return(test_or_leave(at_once=true)) }}
{% endmaterialization %}
