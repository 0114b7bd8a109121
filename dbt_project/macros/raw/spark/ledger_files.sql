{#- https://spark.apache.org/docs/latest/sql-data-sources-parquet.html -#}
{% macro spark__ledger_files() %}
    {{ return("parquet.`" ~ landing_root() ~ "/raw/landed_batches`" if spark_partition_hours('landed_batches') else none) }}
{% endmacro %}
