{#- The local stack keeps its landing beside its warehouse (local/paths.py). -#}
{% macro spark__landing_root() %}
    {% set warehouse = run_query("set spark.sql.warehouse.dir").rows[0][1] %}
    {{ return(warehouse.rstrip('/').rsplit('/', 1)[0] ~ '/landing') }}
{% endmacro %}
