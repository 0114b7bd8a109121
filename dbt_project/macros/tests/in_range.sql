{#- The column, where not NULL, lies between two numbers, both inclusive. -#}
{% test in_range(model, column_name, min_value, max_value) %}
select {{ column_name }}
from {{ model }}
where {{ breaks('in_range', {'column_name': column_name, 'min_value': min_value, 'max_value': max_value}) }}
{% endtest %}
