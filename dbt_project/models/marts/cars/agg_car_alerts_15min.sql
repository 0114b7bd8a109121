{%- set hours = reopened_hours([input(ref('fct_car_alerts'), reach=1)]) -%}

with alerts as (
    select
        *,
        date_trunc('minute', event_time) as alert_minute
    from {{ ref('fct_car_alerts') }}
    where {{ in_hours(hours, 1) }}
),

offsets as (
    {{ offsets(14) }}
),

car_minutes as (
    select
        alert_minute,
        car_id,
        lower(color) as color,
        count(*) as alert_count,
        max(speed) as max_speed,
        max(gear) as max_gear,
        max(rpm) as max_rpm
    from alerts
    group by alert_minute, car_id, lower(color)
),

-- An alert in minute m lies in the windows that end with the minutes m to m + 14.
windows as (
    select
        car_minutes.*,
        {{ from_epoch_ms(epoch_ms('car_minutes.alert_minute') ~ ' + 60000 * offsets.n') }} as minute_start
    from car_minutes
    cross join offsets
)

select
    minute_start,
    date_trunc('hour', minute_start) as event_hour,
    {{ from_epoch_ms(epoch_ms('minute_start') ~ ' - 840000') }} as window_start,
    {{ from_epoch_ms(epoch_ms('minute_start') ~ ' + 60000') }} as window_end,
    cast(sum(alert_count) as bigint) as alert_count,
    {%- for color in ['black', 'white', 'silver'] %}
    cast(sum(case when color = '{{ color }}' then alert_count else 0 end) as bigint) as {{ color }}_alert_count,
    count(distinct case when color = '{{ color }}' then car_id end) as {{ color }}_car_count,
    {%- endfor %}
    count(distinct car_id) as car_count,
    max(max_speed) as max_speed,
    max(max_gear) as max_gear,
    max(max_rpm) as max_rpm,
    {{ built_ms() }} as _built_ms
from windows
where {{ only_reopened(hours, "date_trunc('hour', minute_start)") }}
group by minute_start
