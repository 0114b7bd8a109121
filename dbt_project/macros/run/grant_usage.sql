{#- Lets the role of the BI tools into the schema of the marts, before the models, which would get into each other's way. -#}
{% macro grant_usage() %}{{ return(adapter.dispatch('grant_usage')()) }}{% endmacro %}

{% macro default__grant_usage() %}
    {{ exceptions.raise_compiler_error("grant_usage is not written for " ~ target.type ~ ": add " ~ target.type ~ "__grant_usage") }}
{% endmacro %}

{#- Spark has no roles of its own: who may read is settled where the files lie. -#}
{% macro spark__grant_usage() %}{% endmacro %}

{#- Each mart grants SELECT with its table (redshift__apply_grants). https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html -#}
{% macro redshift__grant_usage() %}
    {% if env_var('REDSHIFT_BI_ROLE', '') %}
        {% do run_query('grant usage on schema "' ~ target.schema ~ '" to role "' ~ env_var('REDSHIFT_BI_ROLE', '') ~ '"') %}
    {% endif %}
{% endmacro %}

{#- Nothing to do: DuckDB has no roles. Who may open the file may read all of it. -#}
{% macro duckdb__grant_usage() %}{% endmacro %}
