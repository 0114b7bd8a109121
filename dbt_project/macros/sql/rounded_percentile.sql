{#-
    A percentile of whole numbers, interpolated as by percentile_cont and rounded with halves up, over rows that
    have their `place` from 0 in ascending order, and the `last_place`. The two neighbours are weighted in hundredths, so that
    all is exact: percentile_cont computes in floating point, where a true half can come out a little below.
-#}
{% macro rounded_percentile(value, percent) -%}
{%- set off = 'abs(100 * place - ' ~ percent ~ ' * last_place)' -%}
{{ rounded_ratio('sum(case when ' ~ off ~ ' < 100 then ' ~ value ~ ' * (100 - ' ~ off ~ ') end)', 100) }}
{%- endmacro %}
