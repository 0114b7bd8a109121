{#- The partitions that were landed since raw's newest one: the ledger's first, then what the ledger says of each topic. -#}
{% macro add_landed_partitions() %}{{ return(adapter.dispatch('add_landed_partitions')()) }}{% endmacro %}

{% macro default__add_landed_partitions() %}
    {{ exceptions.raise_compiler_error("add_landed_partitions is not written for " ~ target.type ~ ": add " ~ target.type ~ "__add_landed_partitions") }}
{% endmacro %}

{% macro spark__add_landed_partitions() %}
    {% set known = run_query("show partitions raw.landed_batches").columns[0].values() | sort %}
    {% if known %}
        {% set newest = known[-1] | replace('landed_date=', '') | replace('/landed_hour=', ' ') %}
        {% set now = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:59') %}
        {% set partitions = [] %}
        {% for hour in hours_between(newest ~ ':00', now) %}
            {% do partitions.append(raw_partition('landed_batches', hour.strftime('%Y-%m-%d'), hour.strftime('%H'))) %}
        {% endfor %}
        {% do run_query("alter table raw.landed_batches add if not exists " ~ partitions | join(' ')) if partitions %}
    {% else %}
        {% do run_query("msck repair table raw.landed_batches") %}
        {% set newest = '1970-01-01 00' %}
    {% endif %}
    {% do run_query("refresh table raw.landed_batches") %}

    {% set landed %}
        select _kafka_topic, cast(landed_date as string), landed_hour, sum(dead_letter_count)
        from raw.landed_batches
        where landed_date >= date '{{ newest[:10] }}' and (landed_date > date '{{ newest[:10] }}' or landed_hour >= '{{ newest[11:13] }}')
        group by 1, 2, 3
    {% endset %}
    {% set tables = {} %}
    {% for table in raw_tables() if table.config.meta.get('topic') %}
        {% do tables.update({table.config.meta.topic: table.identifier}) %}
    {% endfor %}
    {% set new = {} %}
    {% for topic, date, hour, dead_letters in run_query(landed).rows %}
        {% do new.setdefault(tables[topic], {}).update({raw_partition(tables[topic], date, hour): true}) if topic in tables %}
        {% do new.setdefault('dead_letters', {}).update({raw_partition('dead_letters', date, hour): true}) if dead_letters | int > 0 %}
    {% endfor %}
    {% for table, partitions in new.items() %}
        {% do run_query("alter table raw." ~ table ~ " add if not exists " ~ partitions.keys() | join(' ')) %}
    {% endfor %}
{% endmacro %}

{% macro raw_partition(table, date, hour) -%}
{{ return("partition (landed_date = date '" ~ date ~ "', landed_hour = '" ~ hour ~ "') location '" ~ landing_root()
    ~ "/raw/" ~ table ~ "/landed_date=" ~ date ~ "/landed_hour=" ~ hour ~ "'") }}
{%- endmacro %}

{#- The same order on Redshift, which cannot list S3: the first run asks the ledger's files, later ones raw_state. -#}
{% macro redshift__add_landed_partitions() %}
    {% if var('redshift_raw', 'spectrum') != 'spectrum' %}
        {{ return('') }}
    {% endif %}
    {% set state = redshift_raw_state() %}
    {% set newest = run_query("select landed_through from " ~ state).rows[0][0] or '1970-01-01 00' %}
    {% set ledger_hours = [] %}
    {% if newest == '1970-01-01 00' %}
        {% set landed = "select distinct " ~ epoch_us("date_trunc('hour', _landed_at)") ~ ' from "raw".landed_batches_files' %}
        {% for row in run_query(landed).rows %}
            {% do ledger_hours.append(moment(row[0])) %}
        {% endfor %}
    {% else %}
        {% set now = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:59') %}
        {% do ledger_hours.extend(hours_between(newest ~ ':00', now)) %}
    {% endif %}
    {% do add_external_partitions('landed_batches', ledger_hours) %}

    {% set since = modules.datetime.datetime.strptime(newest, '%Y-%m-%d %H') %}
    {% set landed %}
        select _kafka_topic, {{ epoch_us("date_trunc('hour', _landed_at)") }} as hour_us, sum(dead_letter_count) as dead_letters
        from "raw".landed_batches
        where {{ landed_from(since, '') }}
        group by 1, 2
    {% endset %}
    {% set tables = {} %}
    {% for table in raw_tables() if table.config.meta.get('topic') %}
        {% do tables.update({table.config.meta.topic: table.identifier}) %}
    {% endfor %}
    {% set new = {} %}
    {% for topic, hour_us, dead_letters in run_query(landed).rows %}
        {% do new.setdefault(tables[topic], {}).update({moment(hour_us): true}) if topic in tables %}
        {% do new.setdefault('dead_letters', {}).update({moment(hour_us): true}) if dead_letters | int > 0 %}
        {% set _ = new.setdefault('', {}).update({moment(hour_us): true}) %}
    {% endfor %}
    {% set hours = new.pop('', {}) %}
    {% for table, added in new.items() %}
        {% do add_external_partitions(table, added.keys()) %}
    {% endfor %}
    {% if hours %}
        {% do run_query("update " ~ state ~ " set landed_through = '" ~ (hours.keys() | max).strftime('%Y-%m-%d %H') ~ "'") %}
    {% endif %}
{% endmacro %}
