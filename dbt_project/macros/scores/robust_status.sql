{#- The status of a robust score, from the sensor-hour's baseline of that measure (alias: the measure's name). -#}
{% macro robust_status(measure) -%}
case
            when minutes.sample_count = 0 then 'outage'
            when coalesce({{ measure }}.minute_count, 0) < {{ var('baseline_min_minutes') }} then 'cold_start'
            when {{ measure }}.mad = 0 then 'zero_variance'
            else 'scored'
        end
{%- endmacro %}
