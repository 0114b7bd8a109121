{#-
    The landing hours that this run of the audit must recompute, as datetimes; none means all: those of the rows that
    were received since its own last success, and those of the batches that it has not counted (a batch of dead letters
    leaves no row). How far it has counted is a mark per topic: only within one do later batches land later. Batches
    since the oldest of a topic's new rows are looked at too: one of dead letters waited for the rows before it.
-#}
{% macro reopened_landings(received, batches) %}
    {% if builds_all() %}
        {{ return(none) }}
    {% endif %}
    {% set landing_us = epoch_us("date_trunc('hour', _landed_at)") %}
    {% set counted %}
        select topic, max({{ epoch_us('_landed_until') }}) as counted_us from {{ this }} group by topic
    {% endset %}
    {% set new_rows %}
        select _kafka_topic, {{ landing_us }} as hour_us, min({{ epoch_us('_landed_at') }}) as oldest_us
        from {{ received }} where _built_ms > {{ built_through_ms(this.identifier) }}
        group by 1, 2
    {% endset %}
    {% set marks, hours = {}, {} %}
    {% for topic, counted_us in rows_of(counted) %}
        {% do marks.update({topic: counted_us | int}) %}
    {% endfor %}
    {% for topic, hour_us, oldest_us in rows_of(new_rows) %}
        {% do hours.update({moment(hour_us): true}) %}
        {% do marks.update({topic: [marks.get(topic, 0), oldest_us | int - 1] | min}) %}
    {% endfor %}
    {% set waiting = [] %}
    {% for topic in raw_tables() | map(attribute='config.meta.topic') | select('defined') | unique %}
        {% do marks.setdefault(topic, 0) %}
        {% do waiting.append(
            "_kafka_topic = '" ~ topic ~ "' and _landed_at > " ~ timestamp_literal(moment(marks[topic]))
        ) %}
    {% endfor %}
    {% set uncounted %}
        select distinct {{ landing_us }} from {{ batches }}
        where {{ landed_from(moment(marks.values() | min), '') }} and ({{ waiting | join(' or ') }})
    {% endset %}
    {% for row in rows_of(uncounted) %}
        {% do hours.update({moment(row[0]): true}) %}
    {% endfor %}
    {{ return(hours.keys() | sort) }}
{% endmacro %}
