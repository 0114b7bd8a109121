{#-
    The landing hours that were compacted since the last run, by raw table: {table: [datetime]}. To be asked before the
    ledger, so that the ledger knows of each of them; `seen_compactions` notes them when their partitions are repointed.
-#}
{% macro new_compactions() %}
    {% set seen = compactions_seen() %}
    {% set hours = [] %}
    {% if seen.through_us > 0 %}
        {% set now = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:59') %}
        {% do hours.extend(hours_between(seen.looked_until ~ ':00', now)) %}
    {% endif %}
    {% do add_record_partitions(hours, seen.through_us == 0) %}
    {% set records %}
        select raw_table, {{ epoch_us('compacted_hour') }}, {{ epoch_us('compacted_at') }}
        from {{ source('raw', 'compacted_hours') }}
        where compacted_at > {{ timestamp_literal(moment(seen.through_us)) }} and {{ landed_from(moment(seen.through_us), '') }}
        order by 3
    {% endset %}
    {% set found = {'tables': {}, 'through_us': seen.through_us} %}
    {% for table, hour_us, at_us in run_query(records).rows %}
        {% do found.tables.setdefault(table, []).append(moment(hour_us)) %}
        {% do found.update({'through_us': at_us | int}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{#- One row: the newest record whose partition was repointed, and the hour until which the records have partitions. -#}
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

{#- Written once an hour at most, or when something was compacted. -#}
{% macro note_compactions(found) %}
    {% set hour = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H') %}
    {% do run_query(
        "update " ~ state_table('compactions_seen') ~ " set through_us = " ~ found.through_us ~ ", looked_until = '" ~ hour
        ~ "' where through_us <> " ~ found.through_us ~ " or looked_until <> '" ~ hour ~ "'"
    ) if found.through_us > 0 %}
{% endmacro %}

{#- `first`: nothing is known yet, look at all there is. -#}
{% macro add_record_partitions(hours, first) %}{{ return(adapter.dispatch('add_record_partitions')(hours, first)) }}{% endmacro %}

{% macro default__add_record_partitions(hours, first) %}
    {{ exceptions.raise_compiler_error("add_record_partitions is not written for " ~ target.type ~ ": add " ~ target.type ~ "__add_record_partitions") }}
{% endmacro %}

{% macro spark__add_record_partitions(hours, first) %}
    {% do run_query("msck repair table raw.compacted_hours") if first %}
    {% do add_raw_partitions('compacted_hours', hours) %}
{% endmacro %}

{% macro redshift__add_record_partitions(hours, first) %}
    {% if first %}
        {% set all %}select distinct {{ epoch_us("date_trunc('hour', compacted_at)") }} from "raw".compacted_hours_files{% endset %}
        {% for row in run_query(all).rows %}
            {% do hours.append(moment(row[0])) %}
        {% endfor %}
    {% endif %}
    {% do add_external_partitions('compacted_hours', hours) %}
{% endmacro %}
