with spans as (
    select
        zone_id,
        latest_from,
        latest_to,
        lead(latest_from) over (partition by zone_id, event_hour order by latest_from) as next_from
    from {{ get_where_subquery(ref('int_zone_weather_hours')) }}
)

select * from spans
where next_from < latest_to
