with source as (
    select * from {{ source('raw', 'weather') }}
)

select
    {{ without_trailing_blanks('event_id') }} as event_id,
    {{ without_trailing_blanks('station_id') }} as station_id,
    event_time,
    location,
    {{ coordinate('location', 1) }} as latitude,
    {{ coordinate('location', 2) }} as longitude,
    temperature_c,
    {{ without_trailing_blanks('condition') }} as condition,
    precipitation_mm,
    wind_speed_kmh,
    humidity_pct,
    air_quality_index,
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
