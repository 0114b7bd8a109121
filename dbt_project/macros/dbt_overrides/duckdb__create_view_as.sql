{#-
    Overrides dbt_duckdb.duckdb__create_view_as (dbt-duckdb 1.11.1).

    A view is replaced in one statement, and its mark (view_mark) comes with it, in one transaction.
    https://duckdb.org/docs/stable/sql/statements/comment_on
-#}
{% macro duckdb__create_view_as(relation, sql) %}
    {% if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(sql) }}
    {% endif %}
    create or replace view {{ relation }} as (
        {{ sql }}
    );
    comment on view {{ relation }} is '{{ view_mark() }}';
{% endmacro %}
