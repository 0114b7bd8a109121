{#-
    COPY jobs load their tables in no order, so a batch can stand in the ledger before its rows, or before an earlier
    batch. `copied_through` says per Kafka partition through which batch everything is loaded, and the view
    "raw".landed_batches shows no later one: what reads it finds whole batches, in their order, as with external tables.

    All rows are written anew, then the old ones go: an interrupted run leaves both, and the greater counts.
-#}
{% macro copied_through() %}
    {% set state = state_table('copied_through') %}
    {% do run_query(create_table_sql(state, copied_through_columns())) %}
    {{ return(state) }}
{% endmacro %}

{% macro copied_through_columns() -%}
_kafka_topic varchar(249), _kafka_generation varchar(22), _kafka_partition integer, end_offset bigint, landed_until timestamp, invocation_id varchar(64)
{%- endmacro %}

{#- Looks at what was loaded since, and says which topic waits. -#}
{% macro note_copied() %}
    {% set state = copied_through() %}
    {% set marks = {} %}
    {% for topic, until_us in run_query("select _kafka_topic, max(" ~ epoch_us('landed_until') ~ ") from " ~ state ~ " group by 1").rows %}
        {% do marks.update({topic: timestamp_literal(moment(until_us))}) %}
    {% endfor %}
    {% set reached = [] %}
    {% for topic, through_us, waits_for_us in run_query(copied_since(marks, state)).rows %}
        {% do reached.append("_kafka_topic = '" ~ topic ~ "' and _landed_at <= " ~ timestamp_literal(moment(through_us))
            ~ (" and _landed_at > " ~ marks[topic] if topic in marks else "")) if through_us is not none %}
        {% do log("Not all is loaded of the batch of " ~ topic ~ " that landed at " ~ moment(waits_for_us) ~ ", or of one before it:"
            ~ " it is left for a later run. If it stays so, see docs/redshift.md.", info=true) if waits_for_us is not none %}
    {% endfor %}
    {% if reached %}
        {% do run_query(
            "insert into " ~ state ~ " select _kafka_topic, _kafka_generation, _kafka_partition, max(end_offset), max(landed_until), '"
            ~ invocation_id ~ "' from (select _kafka_topic, _kafka_generation, _kafka_partition, end_offset, landed_until from " ~ state
            ~ " union all select _kafka_topic, _kafka_generation, _kafka_partition, end_offset, _landed_at from raw_files.landed_batches"
            ~ " where (" ~ reached | join(') or (') ~ ")) as known group by 1, 2, 3"
        ) %}
        {% do run_query("delete from " ~ state ~ " where invocation_id <> '" ~ invocation_id ~ "'") %}
    {% endif %}
{% endmacro %}

{#-
    A row per topic that has new lines in the ledger: the newest batch that is whole and follows whole batches only, and
    the first that is not or does not; either can be NULL. A batch is whole when raw has as many records of it as the
    ledger counts, and follows the one before when its offsets do. The first of a topic follows nothing; of a partition
    that comes later it begins at 0.
-#}
{% macro copied_since(marks, state) -%}
{%- set topics = raw_tables() | selectattr('config.meta.topic', 'defined') | list -%}
with ends as (
    select _kafka_topic, _kafka_generation, _kafka_partition, max(end_offset) as end_offset
    from {{ state }}
    group by _kafka_topic, _kafka_generation, _kafka_partition
),

lines as (
    {%- for table in topics %}
    {%- set topic = table.config.meta.topic %}
    select
        _kafka_topic, _kafka_generation, _kafka_partition, end_offset, row_count, _landed_at,
        first_offset - coalesce(given_up_count, 0) as from_offset,
        {{ 'false' if topic in marks else 'true' }} as is_new_topic
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
    from raw_files.{{ table.identifier }}
    {{ "where _landed_at > " ~ marks[topic] if topic in marks }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

continued as (
    select
        lines.*,
        coalesce(
            lag(lines.end_offset) over (
                partition by lines._kafka_topic, lines._kafka_generation, lines._kafka_partition order by lines._landed_at
            ),
            ends.end_offset
        ) as end_before
    from lines
    left join ends
        on lines._kafka_topic = ends._kafka_topic
        and lines._kafka_generation = ends._kafka_generation
        and lines._kafka_partition = ends._kafka_partition
),

batches as (
    select
        _kafka_topic,
        _landed_at,
        sum(row_count) as row_count,
        min(case when from_offset = coalesce(end_before, case when is_new_topic then from_offset else 0 end) then 1 else 0 end) as follows
    from continued
    group by _kafka_topic, _landed_at
),

loaded as (
    select _kafka_topic, _landed_at, count(*) as row_count from records group by _kafka_topic, _landed_at
),

waiting as (
    select batches._kafka_topic, min(batches._landed_at) as waits_for
    from batches
    left join loaded on batches._kafka_topic = loaded._kafka_topic and batches._landed_at = loaded._landed_at
    where batches.follows = 0 or batches.row_count > coalesce(loaded.row_count, 0)
    group by batches._kafka_topic
)

select
    batches._kafka_topic,
    max(case when waiting.waits_for is null or batches._landed_at < waiting.waits_for then {{ epoch_us('batches._landed_at') }} end),
    max({{ epoch_us('waiting.waits_for') }})
from batches
left join waiting on batches._kafka_topic = waiting._kafka_topic
group by batches._kafka_topic
{%- endmacro %}
