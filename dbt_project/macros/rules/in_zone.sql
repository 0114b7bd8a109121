{#- Whether a point lies in a zone (a row of the seed `zones`, by that name): its rectangle has its lower edges, not its upper ones. -#}
{% macro in_zone(latitude, longitude) -%}
{{ latitude }} >= zones.min_latitude and {{ latitude }} < zones.max_latitude
    and {{ longitude }} >= zones.min_longitude and {{ longitude }} < zones.max_longitude
{%- endmacro %}
