{#- Nothing to do: the reader's conditions on the partition columns prune. -#}
{% macro spark__narrow_raw(table, low) %}{% endmacro %}
