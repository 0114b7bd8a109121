{#- Whether a jump leads from the last point of the earlier part to the first of the later; the prefixes of their columns. -#}
{% macro contradict(one, other, part) -%}
{%- set heads, tails = {}, {} -%}
{%- for prefix in (one, other) -%}
    {%- do heads.update({prefix: [prefix ~ 'first_latitude', prefix ~ 'first_longitude', prefix ~ 'first_at']}) -%}
    {%- do tails.update({prefix: [prefix ~ 'last_latitude', prefix ~ 'last_longitude', prefix ~ 'last_at']}) -%}
{%- endfor -%}
((
    {{ one }}{{ part }} < {{ other }}{{ part }}
    and {{ jumps(tails[one], heads[other]) }}
) or (
    {{ one }}{{ part }} > {{ other }}{{ part }}
    and {{ jumps(tails[other], heads[one]) }}
))
{%- endmacro %}
