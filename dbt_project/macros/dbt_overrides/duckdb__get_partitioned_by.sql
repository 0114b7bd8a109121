{#-
    Overrides dbt_duckdb.duckdb__get_partitioned_by (dbt-duckdb 1.11.1).

    A table in a DuckDB file has no partitions: `partition_by` is Delta's. dbt-duckdb warns of each table that has it.
-#}
{% macro duckdb__get_partitioned_by(relation, temporary) %}{{ return(none) }}{% endmacro %}
