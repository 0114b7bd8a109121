{#-
    Whether a table of unchanged code on DuckDB can be written in place: a run of this process, with the project as it is
    parsed now, has compared its columns with those of its SQL, and they are as they were; nothing is configured that dbt
    does beside the write; and the SQL does not read what it replaces, which is deleted first.
-#}
{% macro writes_in_place() %}
    {% set compared = graph.get('columns ' ~ model.unique_id) %}
    {% set more = pre_hooks or post_hooks or config.get('grants') or config.get('persist_docs', {}).values() | select | list %}
    {% set reads_itself = config.get('incremental_strategy') != 'append' and this | string in compiled_code %}
    {{ return(compared and not more and not reads_itself and compared == columns_of_tables().get(this.identifier)) }}
{% endmacro %}

{#- {table: its columns with their types, as a text} of the schema. Read once a command. -#}
{% macro columns_of_tables() %}
    {% set known = memo('columns') %}
    {% if known is not none %}
        {{ return(known) }}
    {% endif %}
    {% set found = {} %}
    {% for table, columns in rows_of(
        "select table_name, string_agg(column_name || ' ' || data_type, ', ' order by column_index) from duckdb_columns()"
        ~ " where database_name = current_database() and schema_name = '" ~ this.schema ~ "' group by 1"
    ) %}
        {% do found.update({table: columns}) %}
    {% endfor %}
    {{ return(memo_set('columns', found)) }}
{% endmacro %}
