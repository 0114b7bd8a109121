{#- Minutes from one time to another, to 2 decimals, from epoch ms; NULL if either is missing or they are the wrong way round. -#}
{% macro minutes_between(from, to) -%}
case
        when {{ epoch_ms(to) }} >= {{ epoch_ms(from) }}
            then {{ rounded_ratio(epoch_ms(to) ~ ' - ' ~ epoch_ms(from), 60000, 2) }}
    end
{%- endmacro %}
