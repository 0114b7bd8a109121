with samples as (
    select * from {{ ref('stg_raw__sensors_sample') }}
),

judged as (
    select
        *,
        case
            when {{ event_time_is_off() }} then 'event_time_out_of_range'
            {{ blank_ids(['event_id', 'car_id']) }}
            when speed not between 0 and 200 then 'speed_out_of_range'
            when rpm not between 0 and 8000 then 'rpm_out_of_range'
            when gear not between 1 and 7 then 'gear_out_of_range'
        end as invalid_reason
    from samples
)

select
    *,
    {{ event_hour() }} as event_hour
from judged
