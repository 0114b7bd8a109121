{#-
    The nth number (1: latitude, 2: longitude) of a "lat,long" text, as a double; NULL if the text is not two decimal numbers.
    An exponent of -100 or below is a 0, not a cast: Redshift refuses a number that is less than its least double.
-#}
{% macro coordinate(location, nth) -%}
{%- set number = '-?[0-9]{1,3}([.][0-9]{1,40})?([eE](-[0-9]{1,3}|[+]?0?[0-9]{1,2}))?' -%}
{%- set part = "trim(split_part(" ~ location ~ ", ',', " ~ nth ~ "))" -%}
case
        when not {{ matches(location, '^' ~ number ~ ', *' ~ number ~ '$') }} then null
        when {{ matches(part, '[eE]-[1-9][0-9]{2}$') }} then {{ to_double(0) }}
        else {{ to_double(part) }}
    end
{%- endmacro %}
