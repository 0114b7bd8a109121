-- No batch that landed more than wait_for_rows_minutes ago, and was not received, lacks rows in raw or its line in the
-- ledger, which the next one names: a lost file holds up its topic, and all that was landed there since. What was passed by is not looked at.
{{ config(group='landing') }}
{%- set tables = entities() %}
{%- set since = landed_since(tables) %}
{%- set waited = waited_for(tables) %}

with received as (
    {%- for table in tables %}
    select
        '{{ table }}' as topic_table,
        coalesce(max(_landed_at), {{ timestamp_literal(moment(0)) }}) as received_until
    from {{ ref('int_' ~ table ~ '_received') }}
    where _landed_at >= {{ timestamp_literal(since[table]) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

lines as (
    {%- for table in tables %}
    select distinct
        '{{ table }}' as topic_table,
        _kafka_generation,
        _kafka_partition,
        _landed_at,
        case
            when previous_landed_at > {{ timestamp_literal(waited[table].passed) }} then previous_landed_at
        end as previous_landed_at,
        row_count
    from {{ ledger_since(since[table]) }} as ledger
    where
        _kafka_topic = '{{ waited[table].topic }}'
        and _landed_at > {{ timestamp_literal(waited[table].passed) }}
        and _landed_at <= {{ timestamp_literal(waited[table].until) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

batches as (
    select
        topic_table,
        _landed_at,
        sum(row_count) as row_count
    from lines
    group by topic_table, _landed_at
),

visible as (
    {%- for table in tables %}
    select
        '{{ table }}' as topic_table,
        _landed_at,
        count(*) as row_count
    from {{ source('raw', table) }}
    where {{ landed_from(since[table], '') }}
    group by _landed_at
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    batches.topic_table,
    batches._landed_at,
    batches.row_count,
    coalesce(visible.row_count, 0) as visible_count
from batches
inner join received on batches.topic_table = received.topic_table
left join visible on batches.topic_table = visible.topic_table and batches._landed_at = visible._landed_at
where
    batches._landed_at > received.received_until
    and batches.row_count > coalesce(visible.row_count, 0)

union all

select
    lines.topic_table,
    lines.previous_landed_at,
    null as row_count,
    0 as visible_count
from lines
inner join received on lines.topic_table = received.topic_table
left join batches on lines.topic_table = batches.topic_table and lines.previous_landed_at = batches._landed_at
where lines.previous_landed_at > received.received_until and batches._landed_at is null
