{#- Nothing to do: the reader's conditions on the partition columns prune. -#}
{% macro redshift__narrow_raw(table, low) %}{% endmacro %}
