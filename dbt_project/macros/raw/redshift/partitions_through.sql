{#- {raw table: the hour through which it has its partitions, a text of `hour_text`, or ''}, from raw_state. -#}
{% macro redshift_partitions_through() %}
    {% set through = {} %}
    {% for table, hour in run_query("select raw_table, landed_through from " ~ redshift_raw_state()).rows %}
        {% do through.update({table: hour}) %}
    {% endfor %}
    {{ return(through) }}
{% endmacro %}

{#- Records what is new in `reached`, in one statement. Both are {raw table: hour}. -#}
{% macro redshift_note_partitions_through(through, reached) %}
    {% set cases = [] %}
    {% for table, hour in reached.items() if hour != through[table] %}
        {% do cases.append("when '" ~ table ~ "' then '" ~ hour ~ "'") %}
    {% endfor %}
    {% do run_query(
        "update " ~ redshift_raw_state() ~ " set landed_through = case raw_table " ~ cases | join(' ') ~ " else landed_through end"
    ) if cases %}
{% endmacro %}
