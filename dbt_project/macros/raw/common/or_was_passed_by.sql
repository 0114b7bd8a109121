{#-
    A condition on the ledger's columns of `relation`: nobody waits for the batch's rows any more (passed_by). It begins
    with `or`, and is empty where nothing was passed by, and where no model is being built.
-#}
{% macro or_was_passed_by(relation) -%}
{%- if is_building_model() -%}
{%- for topic, landed_us in passed_by().items() | sort %}
or {{ relation }}._kafka_topic = '{{ topic }}' and {{ relation }}._landed_at <= {{ timestamp_literal(moment(landed_us)) }}
{%- endfor -%}
{%- endif -%}
{%- endmacro %}
