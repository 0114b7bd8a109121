{#-
    Overrides dbt.default__get_incremental_append_sql (dbt-adapters 1.24.5) on Redshift.

    The rows are appended behind the fence, in its transaction.
-#}
{% macro redshift__get_incremental_append_sql(arg_dict) %}
    {% do fence_write() %}
    {{ return(default__get_incremental_append_sql(arg_dict)) }}
{% endmacro %}
