{#-
    The condition that no row meets. `in_hours` writes it into a model when no hour is reopened; `writes_nothing` and
    `replace_hours` look for this text in the compiled model.
-#}
{% macro no_rows() %}{{ return('1 = 0') }}{% endmacro %}
