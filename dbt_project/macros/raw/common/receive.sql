{#-
    The body of every int_<entity>_received: appends each raw row once, with its status. Among the valid rows of one
    identity (event_id, event_time) the first landed is clean; rows that the model already holds were landed earlier.
-#}
{% macro receive(table) %}
{%- set landings = new_landings(table) -%}
with checked as (
    select * from {{ ref('int_' ~ table ~ '_checked') }}
    where {{ landings.condition }}
),

{%- if landings.touched is not none %}

held as (
    select event_id, event_time, row_status, _kafka_topic, _kafka_generation, _kafka_partition, _kafka_offset
    from {{ this }}
    where {{ landings.touched }}
),

fresh as (
    select checked.*
    from checked
    left join held
        on checked._kafka_topic = held._kafka_topic
        and checked._kafka_generation = held._kafka_generation
        and checked._kafka_partition = held._kafka_partition
        and checked._kafka_offset = held._kafka_offset
    where held._kafka_offset is null
),

held_identities as (
    select event_id, event_time from held where row_status = 'clean'
)
{%- else %}

fresh as (
    select * from checked
)
{%- endif %}

select
    fresh.*,
    case
        when fresh.invalid_reason is not null then 'invalid'
        {%- if landings.touched is not none %}
        when held_identities.event_id is not null then 'duplicate'
        {%- endif %}
        when row_number() over (
            partition by fresh.event_id, fresh.event_time, case when fresh.invalid_reason is null then 1 else 0 end
            order by fresh._landed_at, fresh._kafka_partition, fresh._kafka_offset, fresh._kafka_generation
        ) > 1 then 'duplicate'
        else 'clean'
    end as row_status,
    {{ built_ms() }} as _built_ms
from fresh
{%- if landings.touched is not none %}
left join held_identities
    on fresh.event_id = held_identities.event_id
    and fresh.event_time = held_identities.event_time
{%- endif %}
{% endmacro %}
