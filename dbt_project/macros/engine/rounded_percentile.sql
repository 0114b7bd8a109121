{#-
    A percentile of whole numbers, rounded with halves up. The engines interpolate in floating point, so that a true half
    can come out a little below: between it and the next possible value lie at least 0.01.
-#}
{% macro rounded_percentile(percentile) -%}
{{ to_double('floor(' ~ percentile ~ ' + 0.500001)') }}
{%- endmacro %}
