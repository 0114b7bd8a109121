{#-
    Overrides dbt_redshift.redshift__create_view_as (dbt-redshift 1.11.1).

    The view's mark comes with the view itself, in one transaction.
    https://docs.aws.amazon.com/redshift/latest/dg/r_COMMENT.html
-#}
{% macro redshift__create_view_as(relation, sql) %}
    {{ dbt.redshift__create_view_as(relation, sql) }}
    comment on view {{ relation }} is '{{ view_mark() }}';
{% endmacro %}
