{#- A raw table's name in a statement of this project's own: `raw` is a reserved word on Redshift. -#}
{% macro raw_name(table) %}{{ return(adapter.quote('raw') ~ '.' ~ table) }}{% endmacro %}
