with hours as (
    select * from {{ ref('int_landing_hours') }}
)

select
    topic,
    generation,
    partition_id,
    landing_hour,
    first_offset,
    end_offset,
    offsets_landed,
    row_count,
    dead_letter_count,
    offsets_landed - row_count - dead_letter_count as offsets_without_record,
    first_offset - coalesce(
        lag(end_offset) over (partition by topic, generation, partition_id order by landing_hour), first_offset
    ) + end_offset - first_offset - offsets_landed as offsets_never_landed,
    offsets_given_up,
    clean_count,
    duplicate_count,
    invalid_count,
    reused_id_count,
    event_to_kafka_p50_ms,
    event_to_kafka_p95_ms,
    event_to_kafka_p99_ms,
    kafka_to_landed_p50_ms,
    kafka_to_landed_p95_ms,
    kafka_to_landed_p99_ms,
    _mart_delay_p50_ms,
    _mart_delay_p95_ms,
    _mart_delay_p99_ms,
    _built_ms
from hours
