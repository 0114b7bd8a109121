{#-
    One input of an hourly model, for `reopened_hours`: the model's rows in hour m depend on the input's rows in the hours
    from m − reach to m + ahead, of these on every `step`th one (168: the same hour of earlier weeks). What is kept by the
    hour in which it began looks ahead. The same three words filter an input: {{ in_hours(hours, reach, ahead=…, step=…) }}.
-#}
{% macro input(relation, reach=0, ahead=0, step=1) %}
    {{ return({'relation': relation, 'reach': reach, 'ahead': ahead, 'step': step}) }}
{% endmacro %}
