{#- Removes the marks that a later one of the same test has overtaken. -#}
{% macro prune_tests_passed() %}{{ return(adapter.dispatch('prune_tests_passed')()) }}{% endmacro %}

{% macro default__prune_tests_passed() %}
    {{ exceptions.raise_compiler_error("prune_tests_passed is not written for " ~ target.type ~ ": add " ~ target.type ~ "__prune_tests_passed") }}
{% endmacro %}

{#- https://docs.delta.io/latest/delta-update.html#upsert-into-a-table-using-merge -#}
{% macro spark__prune_tests_passed() %}
    {% do run_query(
        "merge into " ~ state_table('tests_passed') ~ " as mark using (select test, max(through_ms) as newest_ms from "
        ~ state_table('tests_passed') ~ " group by test) as newest on mark.test = newest.test and mark.through_ms < newest.newest_ms"
        ~ " when matched then delete"
    ) %}
{% endmacro %}

{#- https://docs.aws.amazon.com/redshift/latest/dg/r_DELETE.html -#}
{% macro redshift__prune_tests_passed() %}
    {% set marks = state_table('tests_passed') %}
    {% do run_query(
        "delete from " ~ marks ~ " using (select test as name, max(through_ms) as newest_ms from " ~ marks ~ " group by test) as newest"
        ~ " where test = newest.name and through_ms < newest.newest_ms"
    ) %}
{% endmacro %}

{#- https://duckdb.org/docs/stable/sql/statements/delete -#}
{% macro duckdb__prune_tests_passed() %}{{ redshift__prune_tests_passed() }}{% endmacro %}
