{#-
    The last condition of every hourly model: nothing but the reopened hours. The strategy reads it back from the
    compiled model (reopened_condition), so that what is deleted is what was recomputed, also where no row is left.
    `source_column` is what the model's own SELECT calls the column that it puts out as `column`.
-#}
{% macro only_reopened(hours, source_column=none, column='event_hour') -%}
{{ in_hours(hours, column=source_column or column) }} /* reopened: {{ in_hours(hours, column=column) }} :reopened */
{%- endmacro %}
