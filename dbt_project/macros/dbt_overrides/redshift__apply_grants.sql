{#-
    Overrides dbt_redshift.redshift__apply_grants (dbt-redshift 1.11.1).

    Lets the role REDSHIFT_BI_ROLE read the marts, and nothing else: with the table itself, so that a rebuilt mart is
    never without its readers. A model's own `grants` hold as well. Rights on the schema: grant_usage.
    https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
-#}
{% macro redshift__apply_grants(relation, grant_config, should_revoke=True) %}
    {% set role = env_var('REDSHIFT_BI_ROLE', '') %}
    {% if role and model.fqn[1] == 'marts' %}
        {% do run_query('grant select on ' ~ relation ~ ' to role "' ~ role ~ '"') %}
    {% endif %}
    {{ dbt.redshift__apply_grants(relation, grant_config, should_revoke) }}
{% endmacro %}
