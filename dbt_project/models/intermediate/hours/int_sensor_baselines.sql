{%- set reach = var('baseline_hours') -%}
{%- set hours = reopened_hours([input(ref('int_sensor_minutes'), reach=reach)]) -%}

with minutes as (
    select * from {{ ref('int_sensor_minutes') }}
    where {{ in_hours(hours, reach) }}
),

{{ median_and_mad(hours, reach) }}

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
