{%- set week = 7 * 24 -%}
{%- set reach = week * var('season_weeks') -%}
{%- set hours = reopened_hours([input(ref('int_sensor_minutes'), reach=reach, step=week)]) -%}

with minutes as (
    select * from {{ ref('int_sensor_minutes') }}
    where {{ in_hours(hours, reach, step=week) }}
),

{{ median_and_mad(hours, reach, step=week) }}

select
    sensor_id,
    event_hour,
    measure,
    minute_count,
    median,
    mad,
    {{ built_ms() }} as _built_ms
from baselines
where {{ only_reopened(hours) }}
