{#-
    COPY jobs load their tables in no order, so a batch can stand in the ledger before its rows, or before an earlier
    batch. `raw_files.copied_through` says per topic through which batch all rows are loaded, and the view
    "raw".landed_batches shows no later one: what reads it finds whole batches, in their order, as with external tables
    (dead letters may come later). It lies beside the tables that it is about: whoever builds from them shares it. A mark
    only moves on.
-#}
{% macro copied_through_sql() -%}
create table if not exists raw_files.copied_through (_kafka_topic varchar(249), landed_until timestamp)
{%- endmacro %}

{#- Looks at what was loaded since, and says which topic waits, and for what. -#}
{% macro note_copied() %}
    {% set made = run_query("select table_name from information_schema.tables where table_schema = 'raw_files'").columns[0].values() %}
    {% set topics = raw_tables() | selectattr('config.meta.topic', 'defined') | list %}
    {% set missing = (topics | map(attribute='identifier') | list + ['landed_batches']) | reject('in', made) | list %}
    {% if missing %}
        {{ exceptions.raise_compiler_error("There is no table " ~ missing | join(', ') ~ " in schema raw_files that " ~ target.user
            ~ " may read: run what dbt run-operation copy_statements prints, or grant select (docs/redshift.md).") }}
    {% endif %}
    {% do run_query(copied_through_sql()) if 'copied_through' not in made %}
    {% set marks, moved, begun = {}, {}, [] %}
    {% set known = "select _kafka_topic, max(" ~ epoch_us('landed_until') ~ ") from raw_files.copied_through group by 1" %}
    {% for topic, until_us in run_query(known).rows %}
        {% do marks.update({topic: timestamp_literal(moment(until_us))}) %}
    {% endfor %}
    {% for row in run_query(copied_since(topics, marks)).rows %}
        {% set topic, through = row[0], timestamp_literal(moment(row[1])) if row[1] is not none else none %}
        {% do moved.update({topic: through}) if through and topic in marks %}
        {% do begun.append("('" ~ topic ~ "', " ~ through ~ ")") if through and topic not in marks %}
        {% do log("The batch of " ~ topic ~ " that landed at " ~ moment(row[2]) ~ " is left for a later run: " ~ what_is_missing(*row[3:])
            ~ ". If it stays so, see docs/redshift.md.", info=true) if row[2] is not none %}
    {% endfor %}
    {% set cases = [] %}
    {% for topic, through in moved.items() %}
        {% do cases.append("when '" ~ topic ~ "' then " ~ through) %}
    {% endfor %}
    {% do run_query(
        "update raw_files.copied_through set landed_until = greatest(landed_until, case _kafka_topic " ~ cases | join(' ')
        ~ " end) where _kafka_topic in ('" ~ moved.keys() | join("', '") ~ "')"
    ) if moved %}
    {% do run_query("insert into raw_files.copied_through values " ~ begun | join(', ')) if begun %}
{% endmacro %}

{#-
    A row per topic that has new lines in the ledger: the newest batch that is whole and follows whole batches only, and
    the first that is not or does not, with what `what_is_missing` tells of it; either can be NULL. A batch is whole when
    raw has as many records of it as the ledger counts, and follows when the batch before it is the one that landing says
    came before (of a topic that has no mark yet, lines of before that column are taken as they come).
-#}
{% macro copied_since(topics, marks) -%}
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

{% macro what_is_missing(follows, previous_us, loaded_count, row_count) -%}
{%- if follows -%}
{{ loaded_count }} of its {{ row_count }} rows are loaded
{%- elif previous_us is not none -%}
the one before it, which landed at {{ moment(previous_us) }}, is not in the ledger yet
{%- else -%}
it does not say which one came before it
{%- endif -%}
{%- endmacro %}
