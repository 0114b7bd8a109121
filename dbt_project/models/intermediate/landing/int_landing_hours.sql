{%- set delays = ['event_to_kafka', 'kafka_to_landed', 'mart_delay'] -%}
{%- set hours = reopened_landings(ref('int_received'), source('raw', 'landed_batches')) -%}

with received as (
    select
        *,
        date_trunc('hour', _landed_at) as landing_hour,
        {{ epoch_ms('_kafka_timestamp') }} - {{ epoch_ms('event_time') }} as event_to_kafka_ms,
        {{ epoch_ms('_landed_at') }} - {{ epoch_ms('_kafka_timestamp') }} as kafka_to_landed_ms,
        _built_ms - {{ epoch_ms('_landed_at') }} as mart_delay_ms
    from {{ ref('int_received') }}
    where {{ in_landings(hours, '_landed_at') }}
),

batches as (
    select
        *,
        date_trunc('hour', _landed_at) as landing_hour
    from {{ source('raw', 'landed_batches') }}
    where {{ in_landing_partitions(hours) }}
),

measures as (
    {%- for delay in delays %}
    select '{{ delay }}' as measure
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

statuses as (
    select
        _kafka_topic,
        _kafka_generation,
        _kafka_partition,
        landing_hour,
        max(_landed_at) as received_until,
        sum(case when row_status = 'clean' then 1 else 0 end) as clean_count,
        sum(case when row_status = 'duplicate' then 1 else 0 end) as duplicate_count,
        sum(case when row_status = 'invalid' then 1 else 0 end) as invalid_count,
        count(case when row_status = 'clean' then 1 end)
            - count(distinct case when row_status = 'clean' then event_id end) as reused_id_count
    from received
    group by _kafka_topic, _kafka_generation, _kafka_partition, landing_hour
),

-- What is still to be received waits for the next run, and so does what was landed after it. What was passed by does
-- not.
awaited as (
    select
        batches.*,
        statuses.clean_count,
        statuses.duplicate_count,
        statuses.invalid_count,
        statuses.reused_id_count,
        min(
            case
                when
                    batches.row_count = 0
                    or batches._landed_at <= statuses.received_until
                    {{ or_was_passed_by('batches') }}
                    then null
                else batches.first_offset
            end
        ) over (
            partition by batches._kafka_topic, batches._kafka_generation, batches._kafka_partition
        ) as awaited_offset
    from batches
    left join statuses
        on batches._kafka_topic = statuses._kafka_topic
        and batches._kafka_generation = statuses._kafka_generation
        and batches._kafka_partition = statuses._kafka_partition
        and batches.landing_hour = statuses.landing_hour
),

offsets as (
    select
        _kafka_topic,
        _kafka_generation,
        _kafka_partition,
        landing_hour,
        min(first_offset) as first_offset,
        max(end_offset) as end_offset,
        sum(end_offset - first_offset) as offsets_landed,
        sum(row_count) as row_count,
        sum(dead_letter_count) as dead_letter_count,
        sum(coalesce(given_up_count, 0)) as offsets_given_up,
        max(_landed_at) as landed_until,
        max(clean_count) as clean_count,
        max(duplicate_count) as duplicate_count,
        max(invalid_count) as invalid_count,
        max(reused_id_count) as reused_id_count
    from awaited
    where awaited_offset is null or first_offset < awaited_offset
    group by _kafka_topic, _kafka_generation, _kafka_partition, landing_hour
),

delays as (
    select
        received._kafka_topic,
        received._kafka_generation,
        received._kafka_partition,
        received.landing_hour,
        measures.measure,
        case measures.measure
            when 'event_to_kafka' then received.event_to_kafka_ms
            when 'kafka_to_landed' then received.kafka_to_landed_ms
            else received.mart_delay_ms
        end as delay_ms
    from received
    cross join measures
),

-- A million rows have some thousand delays.
counted as (
    select
        _kafka_topic,
        _kafka_generation,
        _kafka_partition,
        landing_hour,
        measure,
        delay_ms,
        count(*) as row_count
    from delays
    where delay_ms is not null
    group by _kafka_topic, _kafka_generation, _kafka_partition, landing_hour, measure, delay_ms
),

placed as (
    select
        *,
        cast(sum(row_count) over (
            partition by _kafka_topic, _kafka_generation, _kafka_partition, landing_hour, measure
            order by delay_ms rows between unbounded preceding and current row
        ) as bigint) - row_count as place,
        cast(sum(row_count) over (
            partition by _kafka_topic, _kafka_generation, _kafka_partition, landing_hour, measure
        ) as bigint) - 1 as last_place
    from counted
),

percentiles as (
    select
        _kafka_topic,
        _kafka_generation,
        _kafka_partition,
        landing_hour,
        measure
        {%- for percent in [50, 95, 99] %},
        {{ rounded_percentile('delay_ms', percent, row_count='row_count') }} as p{{ percent }}_ms
        {%- endfor %}
    from placed
    group by _kafka_topic, _kafka_generation, _kafka_partition, landing_hour, measure
),

measured as (
    select
        _kafka_topic,
        _kafka_generation,
        _kafka_partition,
        landing_hour
        {%- for delay in delays %}
        {%- for p in ['p50', 'p95', 'p99'] %},
        max(case when measure = '{{ delay }}' then {{ p }}_ms end) as {{ delay }}_{{ p }}_ms
        {%- endfor %}
        {%- endfor %}
    from percentiles
    group by _kafka_topic, _kafka_generation, _kafka_partition, landing_hour
)

select
    offsets._kafka_topic as topic,
    offsets._kafka_generation as generation,
    offsets._kafka_partition as partition_id,
    offsets.landing_hour,
    offsets.first_offset,
    offsets.end_offset,
    cast(offsets.offsets_landed as bigint) as offsets_landed,
    cast(offsets.row_count as bigint) as row_count,
    cast(offsets.dead_letter_count as bigint) as dead_letter_count,
    cast(offsets.offsets_given_up as bigint) as offsets_given_up,
    cast(coalesce(offsets.clean_count, 0) as bigint) as clean_count,
    cast(coalesce(offsets.duplicate_count, 0) as bigint) as duplicate_count,
    cast(coalesce(offsets.invalid_count, 0) as bigint) as invalid_count,
    cast(coalesce(offsets.reused_id_count, 0) as bigint) as reused_id_count,
    measured.event_to_kafka_p50_ms,
    measured.event_to_kafka_p95_ms,
    measured.event_to_kafka_p99_ms,
    measured.kafka_to_landed_p50_ms,
    measured.kafka_to_landed_p95_ms,
    measured.kafka_to_landed_p99_ms,
    offsets.landed_until as _landed_until,
    measured.mart_delay_p50_ms as _mart_delay_p50_ms,
    measured.mart_delay_p95_ms as _mart_delay_p95_ms,
    measured.mart_delay_p99_ms as _mart_delay_p99_ms,
    {{ built_ms() }} as _built_ms
from offsets
left join measured
    on offsets._kafka_topic = measured._kafka_topic
    and offsets._kafka_generation = measured._kafka_generation
    and offsets._kafka_partition = measured._kafka_partition
    and offsets.landing_hour = measured.landing_hour
where {{ only_reopened(hours, 'offsets.landing_hour', 'landing_hour') }}
