{#-
    Is the way from one fix (`from`: the names of its latitude, longitude and time) to another too long for the time
    between them? As bigint: 18 mm a 5 ms is 1 km/h more. Either fix may be off by its accuracy, and that is no way.
-#}
{% macro jumps(from, to) -%}
18 * ({{ millimetres_between(from[0], from[1], to[0], to[1]) }} - 2000 * {{ var('track_max_accuracy_m') }})
            > cast({{ 5 * var('track_max_speed_kmh') }} as bigint) * abs({{ epoch_ms(to[2]) }} - {{ epoch_ms(from[2]) }})
{%- endmacro %}
