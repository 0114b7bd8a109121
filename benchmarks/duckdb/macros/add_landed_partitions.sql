{#- Nothing to do: raw's views list the files themselves. -#}
{% macro duckdb__add_landed_partitions() %}{% endmacro %}
