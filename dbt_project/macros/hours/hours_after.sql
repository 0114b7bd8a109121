{#- The whole hour of a time, plus a number of hours (a column or a number). -#}
{% macro hours_after(time, hours) -%}
{{ from_epoch_ms(epoch_ms("date_trunc('hour', " ~ time ~ ")") ~ " + 3600000 * (" ~ hours ~ ")") }}
{%- endmacro %}
