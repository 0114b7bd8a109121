{#-
    A row per topic that has new lines in the ledger: the newest batch that is whole and follows whole batches only, and
    the first that is not or does not, with the arguments of `what_is_missing`; either can be NULL. A batch is whole when
    raw has as many records of it as the ledger counts, and follows when the batch before it is the one that landing recorded
    as the one before (of a topic that has no mark yet, lines that are older than that column are taken as they come).
-#}
{% macro copied_batches(topics, marks) -%}
with lines as (
    {%- for topic in topics | map(attribute='config.meta.topic') %}
    select distinct
        _kafka_topic, _kafka_generation, _kafka_partition, row_count, _landed_at, previous_landed_at,
        {{ marks[topic] if topic in marks else 'cast(null as timestamp)' }} as landed_until
    from raw_files.landed_batches
    where _kafka_topic = '{{ topic }}'{{ " and _landed_at > " ~ marks[topic] if topic in marks }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

records as (
    {%- for table in topics %}
    {%- set topic = table.config.meta.topic %}
    select distinct
        cast('{{ topic }}' as varchar(249)) as _kafka_topic, _kafka_generation, _kafka_partition, _kafka_offset, _landed_at
    from "raw".{{ table.identifier }}
    {{ "where _landed_at > " ~ marks[topic] if topic in marks }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

loaded as (
    select _kafka_topic, _landed_at, count(*) as row_count from records group by _kafka_topic, _landed_at
),

batches as (
    select
        _kafka_topic, _landed_at, sum(row_count) as row_count,
        min(previous_landed_at) as previous_landed_at, min(landed_until) as landed_until
    from lines
    group by _kafka_topic, _landed_at
),

continued as (
    select
        batches.*,
        coalesce(lag(_landed_at) over (partition by _kafka_topic order by _landed_at), landed_until) as landed_before
    from batches
),

judged as (
    select
        continued.*,
        coalesce(loaded.row_count, 0) as loaded_count,
        case
            when continued.previous_landed_at is null and continued.landed_until is null then 1
            when continued.previous_landed_at = continued.landed_before then 1
            else 0
        end as follows
    from continued
    left join loaded on continued._kafka_topic = loaded._kafka_topic and continued._landed_at = loaded._landed_at
),

waiting as (
    select judged.*, row_number() over (partition by _kafka_topic order by _landed_at) as nth
    from judged
    where follows = 0 or row_count > loaded_count
)

select
    batches._kafka_topic,
    max(case when waiting._landed_at is null or batches._landed_at < waiting._landed_at then {{ epoch_us('batches._landed_at') }} end),
    max({{ epoch_us('waiting._landed_at') }}),
    max(waiting.follows),
    max({{ epoch_us('waiting.previous_landed_at') }}),
    max(waiting.loaded_count),
    max(waiting.row_count)
from batches
left join waiting on batches._kafka_topic = waiting._kafka_topic and waiting.nth = 1
group by batches._kafka_topic
{%- endmacro %}
