{#-
    compactions_seen, one row: through_us, the newest record of a compaction whose partition was repointed (0: none), and
    looked_until, the hour through which the records have partitions.
-#}
{% macro compactions_seen() %}
    {% set state = state_table('compactions_seen') %}
    {% do run_query(create_table_sql(state, 'through_us bigint, looked_until varchar(13)')) %}
    {% set rows = run_query("select through_us, looked_until from " ~ state).rows %}
    {% if not rows | length %}
        {% do run_query("insert into " ~ state ~ " select cast(0 as bigint), cast('' as varchar(13))") %}
        {{ return({'through_us': 0, 'looked_until': ''}) }}
    {% endif %}
    {{ return({'through_us': rows[0][0] | int, 'looked_until': rows[0][1]}) }}
{% endmacro %}

{#- `found` is that of new_compactions. Written once an hour at most, or when something was compacted. -#}
{% macro note_compactions_seen(found) %}
    {% set hour = landing_horizon() %}
    {% do run_query(
        "update " ~ state_table('compactions_seen') ~ " set through_us = " ~ found.through_us ~ ", looked_until = '" ~ hour
        ~ "' where through_us <> " ~ found.through_us ~ " or looked_until <> '" ~ hour ~ "'"
    ) if found.through_us > 0 %}
{% endmacro %}
