{#-
    Overrides dbt_spark.materialization_incremental_spark (dbt-spark 1.11.0),
    dbt_duckdb.materialization_incremental_duckdb (dbt-duckdb 1.11.1) and
    dbt.materialization_incremental_default (dbt-adapters 1.24.5) on Redshift.

    A table whose run has nothing to write is left alone, and on DuckDB one in which only rows can have changed is written in
    place (`write_or_leave`); otherwise they do their work.
-#}
{% materialization incremental, adapter='spark' %}
    {{ return(write_or_leave('materialization_incremental_spark')) }}
{% endmaterialization %}

{% materialization incremental, adapter='redshift' %}
    {{ return(write_or_leave('materialization_incremental_default')) }}
{% endmaterialization %}

{% materialization incremental, adapter='duckdb' %}
    {{ return(write_or_leave('materialization_incremental_duckdb', in_place=true)) }}
{% endmaterialization %}
