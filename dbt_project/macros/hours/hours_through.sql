{#- The hours from `first` to `last`, both included, two texts of `hour_text`, as a list of datetimes. -#}
{% macro hours_through(first, last) %}{{ return(hours_between(first ~ ':00', last ~ ':59')) }}{% endmacro %}
