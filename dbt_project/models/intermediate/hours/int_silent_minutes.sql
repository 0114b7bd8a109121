{%- set longest = var('watched_gap_hours') -%}
{%- set hours = reopened_hours([input(ref('int_heard_minutes'), reach=longest, ahead=longest)]) -%}
{#- Not in the digest of the code (code_md5), which is of the SQL without what was built before. -#}
{%- set keeps = is_incremental() and not memo('plain ' ~ model.unique_id) -%}
{%- set ahead_ms = (var('event_ahead_ms') + 59999) // 60000 * 60000 -%}

with heard as (
    select
        {{ epoch_ms('minute_start') }} as minute_ms,
        {{ epoch_ms('event_hour') }} as hour_ms,
        is_reported
    from {{ ref('int_heard_minutes') }}
    where {{ in_hours(hours, longest, ahead=longest) }}
),

hour_offsets as (
    {{ offsets(longest) }}
),

minute_offsets as (
    {{ offsets(59) }}
),

-- A heard minute says that the city was on the air. That a minute has come says a reported one, or any heard one that
-- is later than a clock may be ahead.
marks as (
    select
        minute_ms as at_ms,
        hour_ms as heard_hour_ms,
        case when is_reported then hour_ms end as come_hour_ms,
        case when is_reported then 1 else 0 end as is_reported
    from heard
    union all
    select minute_ms - {{ ahead_ms }} as at_ms, null as heard_hour_ms, hour_ms as come_hour_ms, 0 as is_reported
    from heard
),

points as (
    select
        at_ms,
        max(heard_hour_ms) as heard_hour_ms,
        min(come_hour_ms) as come_hour_ms,
        max(is_reported) as is_reported
    from marks
    group by at_ms
),

-- The newest hour that was heard up to the point; the first by which it, or what lies behind it, had come.
bounded as (
    select
        at_ms,
        is_reported,
        max(heard_hour_ms) over (order by at_ms rows between unbounded preceding and current row) as heard_hour_ms,
        min(come_hour_ms) over (order by at_ms rows between current row and unbounded following) as come_hour_ms,
        min(come_hour_ms) over (order by at_ms rows between 1 following and unbounded following) as next_come_hour_ms,
        lead(at_ms) over (order by at_ms) as next_at_ms
    from points
),

gap_hours as (
    select
        bounded.at_ms,
        bounded.next_at_ms,
        {{ epoch_ms(hours_after(from_epoch_ms('bounded.at_ms'), 'hour_offsets.n')) }} as hour_ms
    from bounded
    cross join hour_offsets
    where bounded.next_at_ms > bounded.at_ms + 60000
        and bounded.next_come_hour_ms - bounded.heard_hour_ms <= cast({{ longest * 3600000 }} as bigint)
        and hour_offsets.n * cast(3600000 as bigint) < bounded.next_at_ms - bounded.at_ms + 3600000
),

silent as (
    select at_ms as minute_ms
    from bounded
    where is_reported = 0 and come_hour_ms - heard_hour_ms <= cast({{ longest * 3600000 }} as bigint)
    union all
    select gap_hours.hour_ms + 60000 * minute_offsets.n as minute_ms
    from gap_hours
    cross join minute_offsets
    where gap_hours.hour_ms + 60000 * minute_offsets.n > gap_hours.at_ms
        and gap_hours.hour_ms + 60000 * minute_offsets.n < gap_hours.next_at_ms
),

minutes as (
    select
        {{ from_epoch_ms('minute_ms') }} as minute_start,
        date_trunc('hour', {{ from_epoch_ms('minute_ms') }}) as event_hour
    from silent
)

{%- if keeps %},

held as (
    select minute_start, _built_ms from {{ this }}
    where {{ in_hours(hours) }}
)
{%- endif %}

-- A minute that was here keeps its _built_ms: with each new one a reach of days is computed again, and what reads them
-- must not be.
select
    minutes.minute_start,
    minutes.event_hour,
    {%- if keeps %}
    coalesce(held._built_ms, {{ built_ms() }}) as _built_ms
    {%- else %}
    {{ built_ms() }} as _built_ms
    {%- endif %}
from minutes
{%- if keeps %}
left join held on minutes.minute_start = held.minute_start
{%- endif %}
where {{ only_reopened(hours, 'minutes.event_hour') }}
