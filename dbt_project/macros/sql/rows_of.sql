{#-
    The rows of a query, as tuples. On DuckDB as its driver gives them: the table that dbt makes of each result guesses the type of
    every column, which costs more than most of these queries. `begin`: in a transaction, as a statement that writes.
-#}
{% macro rows_of(query, begin=false) %}{{ return(adapter.dispatch('rows_of')(query, begin)) }}{% endmacro %}

{% macro default__rows_of(query, begin) %}
    {{ exceptions.raise_compiler_error("rows_of is not written for " ~ target.type ~ ": add " ~ target.type ~ "__rows_of") }}
{% endmacro %}

{% macro spark__rows_of(query, begin) %}{{ return(run_query(query).rows) }}{% endmacro %}

{% macro redshift__rows_of(query, begin) %}{{ return(run_query(query).rows) }}{% endmacro %}

{#- The second of what add_query returns is the cursor. https://peps.python.org/pep-0249/#fetchall -#}
{% macro duckdb__rows_of(query, begin) %}{{ return(adapter.add_query(query, auto_begin=begin)[1].fetchall()) }}{% endmacro %}
