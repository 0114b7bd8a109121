{#- The rules on a place, as branches of a CASE. -#}
{% macro location_rules() -%}
when latitude is null then 'location_malformed'
        when latitude not between -90 and 90 then 'latitude_out_of_range'
        when longitude not between -180 and 180 then 'longitude_out_of_range'
{%- endmacro %}
