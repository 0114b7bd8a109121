{#- Whether the vehicle is still in this reading or fix. -#}
{% macro is_still(speed_kmh='speed_kmh') -%}
{{ milli(speed_kmh) }} <= 1000 * {{ var('stop_max_kmh') }}
{%- endmacro %}
