{#-
    The last condition of every hourly model: nothing but the reopened hours. The strategy reads it back from the
    compiled model (reopened_condition), so that what is deleted is what was recomputed, also where no row is left.
-#}
{% macro only_reopened(hours) %}/* reopened: */ {{ in_hours(hours) }} /* end */{% endmacro %}
