{#-
    Overrides dbt.default__reset_csv_table (dbt-adapters 1.24.5) on Redshift.

    A seed is replaced at once (spark__csv_table.sql has the reason): its rows are deleted in the transaction in which dbt
    then inserts the new ones. A TRUNCATE of Redshift's commits by itself.
-#}
{% macro redshift__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {% if full_refresh %}
        {{ return(default__reset_csv_table(model, full_refresh, old_relation, agate_table)) }}
    {% endif %}
    {% call statement('empty_seed') %}delete from {{ old_relation }}{% endcall %}
    {{ return('delete from ' ~ old_relation) }}
{% endmacro %}
