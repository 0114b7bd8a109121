{#-
    raw_state, a row per raw table: what the external tables were made from (the same in all), and the newest landing hour
    through which every partition was added ('' when the table was made anew). So a run need not ask svv_external_*,
    which asks the Glue catalog and is slow.
-#}
{% macro redshift_raw_state() %}
    {% set state = state_table('raw_state') %}
    {% do run_query(create_table_sql(state, 'raw_table varchar(127), contract_md5 varchar(32), landed_through varchar(13)')) %}
    {{ return(state) }}
{% endmacro %}

{#- What the external tables were made from, '' if they were not. -#}
{% macro redshift_made_from() %}
    {{ return((run_query("select min(contract_md5) from " ~ redshift_raw_state()).rows[0][0]) or '') }}
{% endmacro %}

{#- After the tables were made: they have no partitions. -#}
{% macro note_external_tables() %}
    {% set state, rows = redshift_raw_state(), [] %}
    {% for table in raw_tables() %}
        {% do rows.append("('" ~ table.identifier ~ "', '" ~ external_tables_md5() ~ "', '')") %}
    {% endfor %}
    {% do run_query("delete from " ~ state) %}
    {% do run_query("insert into " ~ state ~ " (raw_table, contract_md5, landed_through) values " ~ rows | join(', ')) %}
{% endmacro %}
