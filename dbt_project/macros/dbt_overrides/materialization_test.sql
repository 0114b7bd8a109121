{#-
    Overrides dbt.materialization_test_default (dbt-adapters 1.24.5) and
    dbt.materialization_unit_default (dbt-adapters 1.24.5).

    A run's tests renew its lock too: they may last longer than the lease.
-#}
{% materialization test, adapter='spark' %}
    {% do keep_run_lock() if command_writes() %}
    {{ return(dbt.materialization_test_default()) }}
{% endmaterialization %}

{% materialization test, adapter='redshift' %}
    {% do keep_run_lock() if command_writes() %}
    {{ return(dbt.materialization_test_default()) }}
{% endmaterialization %}

{% materialization unit, adapter='spark' %}
    {% do keep_run_lock() if command_writes() %}
    {{ return(dbt.materialization_unit_default()) }}
{% endmaterialization %}

{% materialization unit, adapter='redshift' %}
    {% do keep_run_lock() if command_writes() %}
    {{ return(dbt.materialization_unit_default()) }}
{% endmaterialization %}
