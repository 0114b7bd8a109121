with windows as (
    select
        minute_start,
        event_hour,
        alert_count
    from {{ get_where_subquery(ref('agg_car_alerts_15min')) }}
),

alert_minutes as (
    select
        date_trunc('minute', event_time) as minute_start,
        count(*) as alert_count
    from {{ ref('fct_car_alerts') }}
    where event_hour in (select event_hour from windows)
    group by date_trunc('minute', event_time)
)

select
    alert_minutes.minute_start,
    alert_minutes.alert_count,
    windows.alert_count as window_count
from alert_minutes
left join windows on alert_minutes.minute_start = windows.minute_start
where windows.alert_count is null or windows.alert_count < alert_minutes.alert_count
