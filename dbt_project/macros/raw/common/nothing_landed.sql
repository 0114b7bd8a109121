{#- The condition of a received model when nothing was landed since its last run; `writes_nothing` looks for it. -#}
{% macro nothing_landed() %}{{ return(no_rows() ~ ' /* nothing was landed */') }}{% endmacro %}
