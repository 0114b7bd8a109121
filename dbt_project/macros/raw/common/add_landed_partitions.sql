{#- The partitions that were landed since raw's newest one: the ledger's first, then what the ledger says of each topic. -#}
{% macro add_landed_partitions() %}{{ return(adapter.dispatch('add_landed_partitions')()) }}{% endmacro %}

{% macro default__add_landed_partitions() %}
    {{ exceptions.raise_compiler_error("add_landed_partitions is not written for " ~ target.type ~ ": add " ~ target.type ~ "__add_landed_partitions") }}
{% endmacro %}

{#-
    The ledger gets every hour from its newest partition to now, so that a batch that is published late finds its hour.
    A topic gets the hours that the ledger tells since the topic's own newest partition: topics are published at their
    own pace. Each table's properties say which is its newest partition: a list of all would grow with the history.
-#}
{% macro spark__add_landed_partitions() %}
    {% set compactions = new_compactions() %}
    {% set compacted = compactions.tables %}
    {% set noted = {'landed_batches': noted_partition_hour('landed_batches')} %}
    {% set first = newest_partition_hour('landed_batches', noted['landed_batches']) or first_ledger_partition_hour() %}
    {% if not first %}
        {{ return('') }}
    {% endif %}
    {% set now = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H') %}
    {% do add_raw_partitions('landed_batches', hours_between(first ~ ':00', now ~ ':59'), compacted) %}

    {% set tables, newest = {}, {'landed_batches': first} %}
    {% for table in raw_tables() if table.config.meta.get('topic') %}
        {% do tables.update({table.config.meta.topic: table.identifier}) %}
        {% do noted.update({table.identifier: noted_partition_hour(table.identifier)}) %}
        {% do newest.update({table.identifier: newest_partition_hour(table.identifier, noted[table.identifier])}) %}
    {% endfor %}
    {% set since = raw_partition_hours('landed_batches') | first if '' in newest.values() else newest.values() | min %}
    {% set landed %}
        select _kafka_topic, {{ epoch_us("date_trunc('hour', _landed_at)") }} as hour_us, sum(dead_letter_count) as dead_letters
        from raw.landed_batches
        where {{ landed_from(modules.datetime.datetime.fromisoformat(since ~ ':00'), '') }}
        group by 1, 2
    {% endset %}
    {% set new, reached = {}, {'landed_batches': now} %}
    {% for table, hour in newest.items() if not hour %}
        {% do reached.update({table: 'none'}) %}
    {% endfor %}
    {% for topic, hour_us, dead_letters in run_query(landed).rows if topic in tables %}
        {% set hour, table = moment(hour_us), tables[topic] %}
        {% set spelled = hour.strftime('%Y-%m-%d %H') %}
        {% if spelled >= newest[table] %}
            {% do new.setdefault(table, []).append(hour) %}
            {% do new.setdefault('dead_letters', []).append(hour) if dead_letters | int > 0 %}
            {% do reached.update({table: [reached.get(table, '') | replace('none', ''), spelled] | max}) %}
        {% endif %}
    {% endfor %}
    {% for table, hours in new.items() %}
        {% do add_raw_partitions(table, hours | unique, compacted) %}
    {% endfor %}
    {% do repoint_partitions(compacted) %}
    {% do note_partition_hours(noted, reached) %}
    {% do note_compactions(compactions) %}
{% endmacro %}

{#-
    The hour from which a raw table can lack partitions, as 2026-03-02 08: that of its newest one, as noted. '' (all of
    them) if nothing is noted: partitions of a first run that was killed say nothing about the hours before them. Of a
    table that had none in an earlier run ('none') the folders say what has been published, however late: the first of
    its hours.
-#}
{% macro newest_partition_hour(table, noted) %}
    {% if noted | length == 13 %}
        {{ return(noted) }}
    {% elif noted == 'none' %}
        {% do run_query("msck repair table raw." ~ table) %}
        {{ return((raw_partition_hours(table) or ['none']) | first) }}
    {% endif %}
    {{ return('') }}
{% endmacro %}

{#- What the table's properties say: an hour, 'none', or else a sentence that they say nothing. -#}
{% macro noted_partition_hour(table) %}
    {{ return(run_query("show tblproperties raw." ~ table ~ " ('junction.newest_partition')").rows[0] | last) }}
{% endmacro %}

{#- A catalog that is made again finds the ledger's partitions by their folders; it begins with the first. -#}
{% macro first_ledger_partition_hour() %}
    {% do run_query("msck repair table raw.landed_batches") %}
    {{ return((raw_partition_hours('landed_batches') or ['']) | first) }}
{% endmacro %}

{#- Last of all, so that what an interrupted run has not added is added by the next. -#}
{% macro note_partition_hours(noted, reached) %}
    {% for table, hour in reached.items() if hour != noted[table] %}
        {% do run_query("alter table raw." ~ table ~ " set tblproperties ('junction.newest_partition' = '" ~ hour ~ "')") %}
    {% endfor %}
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
