{#- The hours that a mart holds in which it has more or fewer rows than the clean rows that it is made of. -#}
{% macro hours_of_other_size(mart, clean) %}
with mart_hours as (
    select
        event_hour,
        count(*) as row_count
    from {{ get_where_subquery(mart) }}
    group by event_hour
),

clean_hours as (
    select
        event_hour,
        count(*) as row_count
    from {{ clean }}
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
{% endmacro %}
