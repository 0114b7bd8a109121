{#-
    The landing hours that were compacted since the last run: {tables: {raw table: [datetime]}, through_us: the newest
    record}. Asked before the ledger, so that the ledger has each of them; `note_compactions_seen` records
    them when their partitions are repointed.
-#}
{% macro new_compactions() %}
    {% set seen = compactions_seen() %}
    {% set hours = hours_through(seen.looked_until, landing_horizon()) if seen.through_us > 0 else [] %}
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
