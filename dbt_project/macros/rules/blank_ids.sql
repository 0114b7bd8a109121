{#-
    The rules on ids, as branches of a CASE: a blank one identifies nothing, so that two events of it would be one. Staging has
    taken trailing blanks away.
-#}
{% macro blank_ids(names) -%}
{%- for name in names %}
{%- if not loop.first %}
            {% endif -%}
when {{ name }} = '' then '{{ name }}_blank'
{%- endfor -%}
{%- endmacro %}
