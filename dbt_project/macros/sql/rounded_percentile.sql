{#-
    A percentile of whole numbers, interpolated as by percentile_cont and rounded with halves up, over rows that
    have their `place` from 0 in ascending order, and the `last_place`. A row may be for `row_count` equal values, from its
    place on. The two neighbours are weighted in hundredths, so that all is exact: percentile_cont computes in floating point,
    where a true half can come out a little below.
-#}
{% macro rounded_percentile(value, percent, row_count=1) -%}
{%- set point = percent ~ ' * last_place' -%}
{%- set is_below = '100 * place <= ' ~ point ~ ' and ' ~ point ~ ' < 100 * (place + ' ~ row_count ~ ')' -%}
{%- set is_above = '100 * place <= ' ~ point ~ ' + 100 and ' ~ point ~ ' + 100 < 100 * (place + ' ~ row_count ~ ')' -%}
{%- set weight = 'case when ' ~ is_below ~ ' then 100 - (' ~ point ~ ') % 100 else 0 end + case when ' ~ is_above ~ ' then (' ~ point ~ ') % 100 else 0 end' -%}
{{ rounded_ratio('sum(' ~ value ~ ' * (' ~ weight ~ '))', 100) }}
{%- endmacro %}
