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
    {% for delay in delays %}select '{{ delay }}' as measure{{ ' union all ' if not loop.last }}{% endfor %}
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
        count(case when row_status = 'clean' then 1 end) - count(distinct case when row_status = 'clean' then event_id end)
            as reused_id_count
    from received
    group by _kafka_topic, _kafka_generation, _kafka_partition, landing_hour
),

-- A batch whose rows are still to be received waits for the next run.
counted as (
    select batches.*
    from batches
    left join statuses
        on batches._kafka_topic = statuses._kafka_topic
        and batches._kafka_generation = statuses._kafka_generation
        and batches._kafka_partition = statuses._kafka_partition
        and batches.landing_hour = statuses.landing_hour
    where batches.row_count = 0 or batches._landed_at <= statuses.received_until
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
        sum(dead_letter_count) as dead_letter_count
    from counted
    group by _kafka_topic, _kafka_generation, _kafka_partition, landing_hour
),

delays as (
    select
        received._kafka_topic,
        received._kafka_generation,
        received._kafka_partition,
        received.landing_hour,
        measures.measure,
        {{ to_double("case measures.measure
            when 'event_to_kafka' then received.event_to_kafka_ms
            when 'kafka_to_landed' then received.kafka_to_landed_ms
            else received.mart_delay_ms
        end") }} as delay_ms
    from received
    cross join measures
),

percentiles as (
    select
        _kafka_topic,
        _kafka_generation,
        _kafka_partition,
        landing_hour,
        measure,
        percentile_cont(0.5) within group (order by delay_ms) as p50_ms,
        percentile_cont(0.95) within group (order by delay_ms) as p95_ms,
        percentile_cont(0.99) within group (order by delay_ms) as p99_ms
    from delays
    group by _kafka_topic, _kafka_generation, _kafka_partition, landing_hour, measure
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
    cast(coalesce(statuses.clean_count, 0) as bigint) as clean_count,
    cast(coalesce(statuses.duplicate_count, 0) as bigint) as duplicate_count,
    cast(coalesce(statuses.invalid_count, 0) as bigint) as invalid_count,
    cast(coalesce(statuses.reused_id_count, 0) as bigint) as reused_id_count,
    {%- for delay in ['event_to_kafka', 'kafka_to_landed'] %}
    {%- for p in ['p50', 'p95', 'p99'] %}
    {{ rounded_percentile(delay ~ '.' ~ p ~ '_ms') }} as {{ delay }}_{{ p }}_ms,
    {%- endfor %}
    {%- endfor %}
    {%- for p in ['p50', 'p95', 'p99'] %}
    {{ rounded_percentile('mart_delay.' ~ p ~ '_ms') }} as _mart_delay_{{ p }}_ms,
    {%- endfor %}
    {{ built_ms() }} as _built_ms
from offsets
left join statuses
    on offsets._kafka_topic = statuses._kafka_topic
    and offsets._kafka_generation = statuses._kafka_generation
    and offsets._kafka_partition = statuses._kafka_partition
    and offsets.landing_hour = statuses.landing_hour
{%- for delay in delays %}
left join percentiles as {{ delay }}
    on offsets._kafka_topic = {{ delay }}._kafka_topic
    and offsets._kafka_generation = {{ delay }}._kafka_generation
    and offsets._kafka_partition = {{ delay }}._kafka_partition
    and offsets.landing_hour = {{ delay }}.landing_hour
    and {{ delay }}.measure = '{{ delay }}'
{%- endfor %}
where {{ only_reopened(hours, 'offsets.landing_hour', 'landing_hour') }}
