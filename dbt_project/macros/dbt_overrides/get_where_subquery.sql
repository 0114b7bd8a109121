{#-
    Overrides dbt.get_where_subquery (dbt-adapters 1.24.5).

    What a data test reads: what the last run wrote (`last_written`), so that a test costs what the run cost. All rows with
    --vars '{audit: full}'.
-#}
{% macro get_where_subquery(relation) -%}
    {%- set conditions = [config.get('where'), last_written(relation)] | select | list -%}
    {%- if conditions -%}
        {%- do return("(select * from " ~ relation ~ " where (" ~ conditions | join(") and (") ~ ")) dbt_subquery") -%}
    {%- else -%}
        {%- do return(relation) -%}
    {%- endif -%}
{%- endmacro %}
