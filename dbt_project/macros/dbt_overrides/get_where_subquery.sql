{#-
    What a data test looks at (dbt's own macro, overridden): what the last run wrote, so that a test costs what the run
    cost. All rows with --vars '{audit: full}'.
-#}
{% macro get_where_subquery(relation) -%}
    {%- set conditions = [config.get('where'), last_written(relation)] | select | list -%}
    {%- if conditions -%}
        {%- do return("(select * from " ~ relation ~ " where (" ~ conditions | join(") and (") ~ ")) dbt_subquery") -%}
    {%- else -%}
        {%- do return(relation) -%}
    {%- endif -%}
{%- endmacro %}
