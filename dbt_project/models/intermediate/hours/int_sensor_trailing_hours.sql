{%- set hours = reopened_hours([input(ref('int_sensor_minutes'), reach=1)]) -%}

with minutes as (
    select
        *,
        {{ epoch_ms('minute_start') }} as minute_ms,
        case when vehicle_count >= {{ var('minute_min_vehicles') }} then speed_milli_kmh end as usable_speed
    from {{ ref('int_sensor_minutes') }}
    where {{ in_hours(hours, 1) }}
),

-- A minute enters the trailing hour one minute after it began, and leaves it sixty minutes later. Running sums over
-- these signed steps are exact in true time, with frames of rows only.
steps as (
    select
        sensor_id, minute_start, minute_ms as at_ms, 1 as is_minute,
        0 as speed_count, 0 as speed_sum, 0 as speed_square_sum, 0 as volume_count, 0 as volume_sum
    from minutes
    union all
    select
        sensor_id, minute_start, minute_ms + 60000 as at_ms, 0 as is_minute,
        case when usable_speed is null then 0 else 1 end as speed_count,
        coalesce(usable_speed, 0) as speed_sum,
        coalesce(usable_speed * usable_speed, 0) as speed_square_sum,
        1 as volume_count,
        vehicle_count as volume_sum
    from minutes
    where sample_count > 0
    union all
    select
        sensor_id, minute_start, minute_ms + 3660000 as at_ms, 0 as is_minute,
        case when usable_speed is null then 0 else -1 end as speed_count,
        -coalesce(usable_speed, 0) as speed_sum,
        -coalesce(usable_speed * usable_speed, 0) as speed_square_sum,
        -1 as volume_count,
        -vehicle_count as volume_sum
    from minutes
    where sample_count > 0
),

{% set running -%}
over (partition by sensor_id order by at_ms, is_minute rows between unbounded preceding and current row)
{%- endset %}

sums as (
    select
        sensor_id,
        minute_start,
        is_minute,
        cast(sum(speed_count) {{ running }} as bigint) as speed_count,
        cast(sum(speed_sum) {{ running }} as bigint) as speed_sum,
        cast(sum(speed_square_sum) {{ running }} as bigint) as speed_square_sum,
        cast(sum(volume_count) {{ running }} as bigint) as volume_count,
        cast(sum(volume_sum) {{ running }} as bigint) as volume_sum
    from steps
)

select
    sensor_id,
    minute_start,
    date_trunc('hour', minute_start) as event_hour,
    speed_count,
    speed_sum,
    speed_square_sum,
    volume_count,
    volume_sum,
    {{ built_ms() }} as _built_ms
from sums
where is_minute = 1
    and {{ only_reopened(hours, "date_trunc('hour', minute_start)") }}
