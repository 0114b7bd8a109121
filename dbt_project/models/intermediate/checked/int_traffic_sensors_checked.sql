with samples as (
    select * from {{ ref('stg_raw__traffic_sensors') }}
),

zones as (
    select * from {{ ref('zones') }}
),

judged as (
    select
        *,
        case
            when {{ event_time_is_off() }} then 'event_time_out_of_range'
            {{ blank_ids(['event_id', 'sensor_id', 'road_id']) }}
            {{ location_rules() }}
            when vehicle_count not between 0 and 1000 then 'vehicle_count_out_of_range'
            when average_speed_kmh not between 0 and 250 then 'average_speed_out_of_range'
            when vehicle_count > 0 and average_speed_kmh is null then 'average_speed_missing'
            when occupancy_pct not between 0 and 100 then 'occupancy_out_of_range'
        end as invalid_reason
    from samples
),

rounded as (
    select
        event_id,
        sensor_id,
        road_id,
        event_time,
        location,
        vehicle_count,
        average_speed_kmh,
        occupancy_pct,
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
