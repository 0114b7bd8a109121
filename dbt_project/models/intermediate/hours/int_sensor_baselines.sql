{%- set reach = var('baseline_hours') -%}
{%- set hours = reopened_hours([(ref('int_sensor_minutes'), reach)]) -%}

with minutes as (
    select * from {{ ref('int_sensor_minutes') }}
    where {{ in_hours(hours, reach) }}
),

{{ median_and_mad(hours, range(1, reach + 1)) }}

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
