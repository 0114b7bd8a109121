with messages as (
    select * from {{ ref('stg_raw__emergency_incidents') }}
),

zones as (
    select * from {{ ref('zones') }}
),

judged as (
    select
        *,
        case
            when {{ event_time_is_off() }} then 'event_time_out_of_range'
            {{ blank_ids(['event_id', 'incident_id']) }}
            {{ location_rules() }}
            when incident_type not in ('accident', 'fire', 'medical', 'hazard') then 'incident_type_unknown'
            when status not in ('reported', 'dispatched', 'on_scene', 'resolved') then 'status_unknown'
            when severity not between 1 and 5 then 'severity_out_of_range'
        end as invalid_reason
    from messages
),

rounded as (
    select
        event_id,
        incident_id,
        incident_type,
        event_time,
        location,
        status,
        severity,
        description,
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
