{#- A condition that every row meets; a row for which it is NULL does not. -#}
{% test holds(model, condition) %}
select *
from {{ model }}
where {{ breaks('holds', {'condition': condition}) }}
{% endtest %}
