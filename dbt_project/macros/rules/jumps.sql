{#-
    Is the way from one fix (`from`: the names of its latitude, longitude and time) to another too long for the time
    between them? As bigint: 18 mm a 5 ms is 1 km/h more, and the speed counts to its thousandths, so that no engine has to
    cut or round a fraction. Either fix may be off by its accuracy, and that is no way.
-#}
{% macro jumps(from, to) -%}
18000 * ({{ millimetres_between(from[0], from[1], to[0], to[1]) }} - {{ (2000 * var('track_max_accuracy_m')) | round | int }})
            > cast({{ (5000 * var('track_max_speed_kmh')) | round | int }} as bigint) * abs({{ epoch_ms(to[2]) }} - {{ epoch_ms(from[2]) }})
{%- endmacro %}
