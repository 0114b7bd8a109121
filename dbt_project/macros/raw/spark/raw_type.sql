{#- Parquet has no length for a text: landing has checked it. -#}
{% macro spark_raw_type(data_type) %}{{ return('string' if data_type.startswith('varchar') else data_type) }}{% endmacro %}
