-- An inner join to the trailing hours must lose no minute.
{{ config(group='traffic') }}

select
    minutes.sensor_id,
    minutes.minute_start
from (select * from {{ get_where_subquery(ref('int_sensor_minutes')) }}) as minutes
left join {{ ref('int_sensor_minutes_scored') }} as scored
    on minutes.sensor_id = scored.sensor_id
    and minutes.minute_start = scored.minute_start
    and minutes.event_hour = scored.event_hour
where scored.sensor_id is null
