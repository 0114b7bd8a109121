{#-
    The whole hour of a time, plus a number of hours (a column or a number). By bigint: 597 hours of milliseconds are
    more than an integer.
-#}
{% macro hours_after(time, hours) -%}
{{ from_epoch_ms(epoch_ms("date_trunc('hour', " ~ time ~ ")") ~ " + cast(3600000 as bigint) * (" ~ hours ~ ")") }}
{%- endmacro %}
