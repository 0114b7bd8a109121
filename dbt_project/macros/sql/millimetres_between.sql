{#-
    The distance between two points in degrees, in whole mm, as a bigint: the earth as a sphere, good to some parts in a
    million over 150 km in middle latitudes. East to west it is the shorter way, also over the antimeridian. A whole
    number, so that sums do not depend on the order.
-#}
{% macro millimetres_between(latitude, longitude, to_latitude, to_longitude) -%}
{%- set turn = 'abs(' ~ to_longitude ~ ' - ' ~ longitude ~ ')' -%}
{%- set east = 'least(' ~ turn ~ ', 360 - ' ~ turn ~ ')' -%}
cast(floor(111195000 * sqrt(
        ({{ to_latitude }} - {{ latitude }}) * ({{ to_latitude }} - {{ latitude }})
        + {{ east }} * cos(radians(({{ latitude }} + {{ to_latitude }}) / 2))
        * {{ east }} * cos(radians(({{ latitude }} + {{ to_latitude }}) / 2))
    ) + 0.5) as bigint)
{%- endmacro %}
