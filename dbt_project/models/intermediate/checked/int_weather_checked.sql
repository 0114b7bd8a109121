with observations as (
    select * from {{ ref('stg_raw__weather') }}
),

zones as (
    select * from {{ ref('zones') }}
),

judged as (
    select
        *,
        case
            when {{ event_time_is_off() }} then 'event_time_out_of_range'
            {{ blank_ids(['event_id', 'station_id']) }}
            {{ location_rules() }}
            when temperature_c not between -60 and 60 then 'temperature_out_of_range'
            when condition not in ('clear', 'cloudy', 'fog', 'rain', 'heavy_rain', 'snow') then 'condition_unknown'
            when precipitation_mm not between 0 and 500 then 'precipitation_out_of_range'
            when wind_speed_kmh not between 0 and 400 then 'wind_speed_out_of_range'
            when humidity_pct not between 0 and 100 then 'humidity_out_of_range'
            when air_quality_index not between 0 and 500 then 'air_quality_index_out_of_range'
        end as invalid_reason
    from observations
),

rounded as (
    select
        event_id,
        station_id,
        event_time,
        location,
        temperature_c,
        condition,
        precipitation_mm,
        wind_speed_kmh,
        humidity_pct,
        air_quality_index,
        {{ round_half_up('latitude', 6) }} as latitude,
        {{ round_half_up('longitude', 6) }} as longitude,
        {{ event_hour() }} as event_hour,
        invalid_reason,
        {{ landing_columns() }}
    from judged
)

select
    rounded.*,
    zones.zone_id
from rounded
left join zones
    on {{ in_zone('rounded.latitude', 'rounded.longitude') }}
