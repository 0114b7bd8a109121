-- No row of an hour that the mart holds is lost on the way, and none is multiplied by a join.
with mart_hours as (
    select
        event_hour,
        count(*) as row_count
    from {{ get_where_subquery(ref('fct_camera_observations')) }}
    group by event_hour
),

clean_hours as (
    select
        event_hour,
        count(*) as row_count
    from {{ ref('int_traffic_cameras_clean') }}
    where event_hour in (select event_hour from mart_hours)
    group by event_hour
)

select
    mart_hours.event_hour,
    mart_hours.row_count as mart_count,
    clean_hours.row_count as clean_count
from mart_hours
left join clean_hours on mart_hours.event_hour = clean_hours.event_hour
where clean_hours.row_count is null or mart_hours.row_count <> clean_hours.row_count
