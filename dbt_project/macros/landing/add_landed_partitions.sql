{#- The partitions that were landed since raw's newest one: the ledger's first, then what the ledger says of each topic. -#}
{% macro add_landed_partitions() %}{{ return(adapter.dispatch('add_landed_partitions')()) }}{% endmacro %}

{% macro default__add_landed_partitions() %}
    {{ exceptions.raise_compiler_error("add_landed_partitions is not written for " ~ target.type ~ ": add " ~ target.type ~ "__add_landed_partitions") }}
{% endmacro %}

{#-
    The ledger gets every hour from its newest partition to now, so that a batch that is published late finds its hour.
    A topic gets the hours that the ledger tells since the topic's own newest partition: topics are published at their
    own pace.
-#}
{% macro spark__add_landed_partitions() %}
    {% set compactions = new_compactions() %}
    {% set compacted = compactions.tables %}
    {% set known = raw_partition_hours('landed_batches') %}
    {% set first = known[-1:] %}
    {% if not known %}
        {% do run_query("msck repair table raw.landed_batches") %}
        {% set first = raw_partition_hours('landed_batches')[:1] %}
    {% endif %}
    {% if not first %}
        {{ return('') }}
    {% endif %}
    {% set now = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:59') %}
    {% do add_raw_partitions('landed_batches', hours_between(first[0] ~ ':00', now), compacted) %}

    {% set tables, newest = {}, {} %}
    {% for table in raw_tables() if table.config.meta.get('topic') %}
        {% do tables.update({table.config.meta.topic: table.identifier}) %}
        {% do newest.update({table.config.meta.topic: (raw_partition_hours(table.identifier) or ['']) | last}) %}
    {% endfor %}
    {% set landed %}
        select _kafka_topic, {{ epoch_us("date_trunc('hour', _landed_at)") }} as hour_us, sum(dead_letter_count) as dead_letters
        from raw.landed_batches
        where landed_date >= date_sub(date '{{ (newest.values() | select | min | default("1970-01-02", true))[:10] }}', 1)
        group by 1, 2
    {% endset %}
    {% set new = {} %}
    {% for topic, hour_us, dead_letters in run_query(landed).rows if topic in newest %}
        {% set hour = moment(hour_us) %}
        {% if hour.strftime('%Y-%m-%d %H') >= newest[topic] %}
            {% do new.setdefault(tables[topic], []).append(hour) %}
            {% do new.setdefault('dead_letters', []).append(hour) if dead_letters | int > 0 %}
        {% endif %}
    {% endfor %}
    {% for table, hours in new.items() %}
        {% do add_raw_partitions(table, hours | unique, compacted) %}
    {% endfor %}
    {% do repoint_partitions(compacted) %}
    {% do note_compactions(compactions) %}
{% endmacro %}

{#- The hours of a raw table's partitions, ascending, as texts like 2026-03-02 08. -#}
{% macro raw_partition_hours(table) %}
    {% set hours = [] %}
    {% for (partition,) in run_query("show partitions raw." ~ table).rows %}
        {% do hours.append(partition | replace('landed_date=', '') | replace('/landed_hour=', ' ')) %}
    {% endfor %}
    {{ return(hours | sort) }}
{% endmacro %}

{#- An hour that was compacted before it was added begins at the large files: the small ones may be expired. -#}
{% macro add_raw_partitions(table, hours, compacted={}) %}
    {% set partitions = [] %}
    {% for hour in hours %}
        {% set folder = 'compacted' if hour in compacted.get(table, []) else 'raw' %}
        {% do partitions.append(raw_partition(table, folder, hour.strftime('%Y-%m-%d'), hour.strftime('%H'))) %}
    {% endfor %}
    {% do run_query("alter table raw." ~ table ~ " add if not exists " ~ partitions | join(' ')) if partitions %}
{% endmacro %}

{% macro raw_partition(table, folder, date, hour) -%}
{{ return("partition (landed_date = date '" ~ date ~ "', landed_hour = '" ~ hour ~ "') location '" ~ landing_root()
    ~ "/" ~ folder ~ "/" ~ table ~ "/landed_date=" ~ date ~ "/landed_hour=" ~ hour ~ "'") }}
{%- endmacro %}
