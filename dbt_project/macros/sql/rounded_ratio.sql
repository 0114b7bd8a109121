{#-
    numerator / denominator, rounded to decimals with halves up; NULL for a denominator of 0. Of whole numbers it is
    exact: they are divided once, and IEEE division gives k + 0.5 just when that is the true quotient.
-#}
{% macro rounded_ratio(numerator, denominator, decimals=0) -%}
{{ to_double('floor(' ~ to_double('(' ~ numerator ~ ') * ' ~ 10 ** decimals) ~ ' / nullif(' ~ denominator ~ ', 0) + 0.5)') }} / {{ 10 ** decimals }}
{%- endmacro %}
