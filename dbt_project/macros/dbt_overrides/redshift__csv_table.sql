{#-
    Overrides dbt_redshift.redshift__create_csv_table (dbt-redshift 1.11.1) and
    dbt.default__reset_csv_table (dbt-adapters 1.24.5) on Redshift.

    A seed is replaced at once (spark__csv_table.sql has the reason), behind the fence: its rows are deleted, or the table
    is dropped and made, in the transaction in which dbt then inserts the new ones. A TRUNCATE of Redshift's commits by
    itself, and so does dbt-redshift's own DROP.
-#}
{% macro redshift__create_csv_table(model, agate_table) %}
    {% do load_seed() %}
    {% do fence_write() %}
    {{ return(dbt.redshift__create_csv_table(model, agate_table)) }}
{% endmacro %}

{% macro redshift__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {% do load_seed() %}
    {% do fence_write() %}
    {% if full_refresh %}
        {% call statement('drop_seed') %}drop table {{ old_relation }} cascade{% endcall %}
        {{ return(dbt.redshift__create_csv_table(model, agate_table)) }}
    {% endif %}
    {% call statement('empty_seed') %}delete from {{ old_relation }}{% endcall %}
    {{ return('delete from ' ~ old_relation) }}
{% endmacro %}
