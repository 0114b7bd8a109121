{#-
    A row per raw table: what the external tables were made from (the same in all), and the newest landing hour of which
    every partition was added ('' when the table was made anew). So a run need not ask svv_external_*, which asks the
    Glue catalog and is slow.
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

{#- {raw table: its newest landing hour as text like 2026-03-02 08, or ''} -#}
{% macro landed_through() %}
    {% set through = {} %}
    {% for table, hour in run_query("select raw_table, landed_through from " ~ redshift_raw_state()).rows %}
        {% do through.update({table: hour}) %}
    {% endfor %}
    {{ return(through) }}
{% endmacro %}

{#- Writes what is new in `reached`, in one statement. -#}
{% macro note_landed_through(through, reached) %}
    {% set cases = [] %}
    {% for table, hour in reached.items() if hour != through[table] %}
        {% do cases.append("when '" ~ table ~ "' then '" ~ hour ~ "'") %}
    {% endfor %}
    {% do run_query(
        "update " ~ redshift_raw_state() ~ " set landed_through = case raw_table " ~ cases | join(' ') ~ " else landed_through end"
    ) if cases %}
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
