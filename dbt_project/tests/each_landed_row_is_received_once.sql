-- raw = clean + quarantined + duplicates in each topic, up to the newest landing that its received model has.
{{ config(group='landing') }}
{%- set tables = entities() %}
{%- set since = landed_since(tables) %}

with received as (
    {%- for table in tables %}
    select
        '{{ table }}' as topic_table,
        count(case when row_status = 'duplicate' then 1 end) as duplicate_count,
        max(_landed_at) as high
    from {{ ref('int_' ~ table ~ '_received') }}
    where _landed_at >= {{ timestamp_literal(since[table]) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

clean as (
    {%- for table in tables %}
    select
        '{{ table }}' as topic_table,
        count(*) as clean_count
    from {{ ref('int_' ~ table ~ '_clean') }}
    where _landed_at >= {{ timestamp_literal(since[table]) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

quarantined as (
    {%- for table in tables %}
    select
        '{{ table }}' as topic_table,
        count(*) as quarantined_count
    from {{ ref('int_' ~ table ~ '_quarantine') }}
    where _landed_at >= {{ timestamp_literal(since[table]) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

landed as (
    {%- for table in tables %}
    select
        '{{ table }}' as topic_table,
        _landed_at,
        count(*) as row_count
    from {{ source('raw', table) }}
    where _landed_at >= {{ timestamp_literal(since[table]) }} and {{ landed_from(since[table], '') }}
    group by _landed_at
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

expected as (
    select
        received.topic_table,
        received.high,
        received.duplicate_count,
        coalesce(sum(landed.row_count), 0) as landed_count
    from received
    left join landed
        on received.topic_table = landed.topic_table
        and landed._landed_at <= received.high
    group by received.topic_table, received.high, received.duplicate_count
)

select
    expected.topic_table,
    expected.landed_count,
    clean.clean_count,
    quarantined.quarantined_count,
    expected.duplicate_count
from expected
inner join clean on expected.topic_table = clean.topic_table
inner join quarantined on expected.topic_table = quarantined.topic_table
where expected.landed_count <> clean.clean_count + quarantined.quarantined_count + expected.duplicate_count
