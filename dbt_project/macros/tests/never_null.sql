{#- None of these columns is ever NULL: one test for all of them. -#}
{% test never_null(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
where {{ breaks('never_null', {'columns': columns}) }}
{% endtest %}
