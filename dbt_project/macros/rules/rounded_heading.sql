{#- A heading in degrees, to 3 decimals and below 360: what rounds to 360 is 0, north. -#}
{% macro rounded_heading(expression) -%}
case
        when {{ round_half_up(expression, 3) }} >= 360 then {{ to_double(0) }}
        else {{ round_half_up(expression, 3) }}
    end
{%- endmacro %}
