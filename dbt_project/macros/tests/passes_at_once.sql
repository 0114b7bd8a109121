{#-
    Whether a data test passes by the SQL that dbt asks, asked as `rows_of` asks. dbt's own way follows if it warns, fails or
    stores its failures.
-#}
{% macro passes_at_once() %}
    {% if should_store_failures() or config.get('sql_header') %}
        {{ return(false) }}
    {% endif %}
    {% set limited = get_limit_subquery_sql(sql, config.get('limit')) %}
    {% set counted = get_test_sql(limited, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), none) %}
    {% set failures, should_warn, should_error = rows_of(counted)[0] %}
    {{ return(failures == 0 and not should_warn and not should_error) }}
{% endmacro %}
