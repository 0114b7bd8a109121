{%- set hours = reopened_hours([input(ref('int_emergency_incidents_clean'))]) -%}

with messages as (
    select
        *,
        {{ status_rank() }} as status_rank,
        row_number() over (
            partition by incident_id, event_hour
            order by event_time, {{ status_rank() }}, event_id
        ) as nth_of_hour
    from {{ ref('int_emergency_incidents_clean') }}
    where {{ in_hours(hours) }}
)

select
    incident_id,
    event_hour,
    min(event_time) as first_seen_at,
    max(event_time) as last_seen_at,
    min(case when status = 'reported' then event_time end) as reported_at,
    min(case when status = 'dispatched' then event_time end) as dispatched_at,
    min(case when status = 'on_scene' then event_time end) as on_scene_at,
    min(case when status = 'resolved' then event_time end) as resolved_at,
    max(severity) as severity,
    count(*) as message_count,
    max(case when nth_of_hour = 1 then incident_type end) as incident_type,
    max(case when nth_of_hour = 1 then zone_id end) as zone_id,
    max(case when nth_of_hour = 1 then latitude end) as latitude,
    max(case when nth_of_hour = 1 then longitude end) as longitude,
    {{ built_ms() }} as _built_ms
from messages
where {{ only_reopened(hours) }}
group by incident_id, event_hour
