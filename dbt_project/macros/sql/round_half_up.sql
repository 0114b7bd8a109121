{#- A double rounded to decimals, halves up. The engines' own round() disagree on halves. -#}
{% macro round_half_up(expression, decimals=0) -%}
{{ to_double('floor(' ~ to_double(expression) ~ ' * ' ~ 10 ** decimals ~ ' + 0.5)') }} / {{ 10 ** decimals }}
{%- endmacro %}
