{#-
    The rules on ids, as branches of a CASE: a blank one identifies nothing, so that two events of it would be one.
-#}
{% macro blank_ids(names) -%}
{%- for name in names %}
{%- if not loop.first %}
            {% endif -%}
when {{ is_blank(name) }} then '{{ name }}_blank'
{%- endfor -%}
{%- endmacro %}
