with source as (
    select * from {{ source('raw', 'sensors_sample') }}
)

select
    {{ without_trailing_blanks('event_id') }} as event_id,
    event_time,
    {{ without_trailing_blanks('car_id') }} as car_id,
    speed,
    rpm,
    gear,
    landed_date as _landed_date,
    landed_hour as _landed_hour,
    _kafka_topic,
    _kafka_generation,
    _kafka_partition,
    _kafka_offset,
    _kafka_timestamp,
    _landed_at,
    _rescued
from source
