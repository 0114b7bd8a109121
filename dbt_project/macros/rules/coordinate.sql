{#- The nth number (1: latitude, 2: longitude) of a "lat,long" text, as a double; NULL if the text is not two decimal numbers. -#}
{% macro coordinate(location, nth) -%}
{%- set number = '-?[0-9]{1,3}([.][0-9]{1,15})?' -%}
case
        when {{ matches(location, '^' ~ number ~ ', *' ~ number ~ '$') }}
            then {{ to_double("trim(split_part(" ~ location ~ ", ',', " ~ nth ~ "))") }}
    end
{%- endmacro %}
