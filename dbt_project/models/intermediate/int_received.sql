-- Every received row of every topic, in the columns that all have: what the audit counts.
{% for entity in entities() %}
select
    event_id,
    event_time,
    row_status,
    _kafka_topic,
    _kafka_generation,
    _kafka_partition,
    _kafka_timestamp,
    _landed_at,
    _built_ms
from {{ ref('int_' ~ entity ~ '_received') }}
{{ "union all" if not loop.last }}
{%- endfor %}
