with spans as (
    select
        incident_id,
        in_force_from,
        in_force_to,
        lead(in_force_from) over (partition by incident_id, event_hour order by in_force_from) as next_from
    from {{ get_where_subquery(ref('int_zone_incident_hours')) }}
)

select * from spans
where next_from < in_force_to
