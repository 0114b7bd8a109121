{#-
    The last condition of a model of `reopened_rows`: nothing but what it says, `each` being that input's name in the SELECT.
    As of only_reopened, the strategy reads back what it deletes.
-#}
{% macro only_reopened_rows(reopened, each) -%}
{{ in_reopened(reopened, each ~ '.') }} /* reopened: {{ in_reopened(reopened, received='_received_ms') }} :reopened */
{%- endmacro %}
