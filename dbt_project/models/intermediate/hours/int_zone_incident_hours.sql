{%- set reach = hours_of(var('incident_longest_ms')) -%}
{%- set hours = reopened_hours([input(ref('int_emergency_incidents_clean'), reach=reach)]) -%}

with messages as (
    select * from {{ ref('int_emergency_incidents_clean') }}
    where {{ in_hours(hours, reach) }}
),

offsets as (
    {{ offsets(reach) }}
),

followed as (
    select
        *,
        lead(event_time) over (
            partition by incident_id
            order by event_time, {{ status_rank() }}, event_id
        ) as next_at,
        event_time + interval '{{ var('incident_longest_ms') }} milliseconds' as expires_at
    from messages
),

spread as (
    select
        followed.*,
        {{ hours_after('followed.event_time', 'offsets.n') }} as zone_hour,
        {{ hours_after('followed.event_time', 'offsets.n + 1') }} as zone_hour_end
    from followed
    cross join offsets
    where followed.status <> 'resolved' and followed.zone_id is not null
)

-- Each row is clipped to its hour: what comes after the hour must not change it.
select
    zone_id,
    zone_hour as event_hour,
    event_time as in_force_since,
    case when event_time > zone_hour then event_time else zone_hour end as in_force_from,
    case
        when next_at < expires_at and next_at < zone_hour_end then next_at
        when expires_at < zone_hour_end then expires_at
        else zone_hour_end
    end as in_force_to,
    incident_id,
    incident_type,
    severity as incident_severity,
    {{ built_ms() }} as _built_ms
from spread
where zone_hour < expires_at
    and (next_at is null or (zone_hour < next_at and event_time < next_at))
    and {{ only_reopened(hours, 'zone_hour') }}
