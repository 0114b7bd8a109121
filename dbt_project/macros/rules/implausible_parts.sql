{#-
    The CTEs from `<parts>_contradicted` to `<parts>_implausible`: which parts of a track (runs of an hour, hours of a trip) a
    vehicle cannot have been in. Of two parts that contradict each other the one that is behind in the order is implausible,
    unless the other contradicts the first of all, the reference (docs/definitions.md, Trips).

    `parts`: a CTE with the columns `keys`, `part` (which orders them), point_count, first_at, first_latitude, first_longitude,
    last_at, last_latitude, last_longitude. The last CTE has the columns `keys` and `part` of the implausible ones. Spark works
    a CTE out each time that it is named, so each is named as seldom as can be.
-#}
{% macro implausible_parts(parts, keys, part) -%}
{%- set bounds = ['first_at', 'first_latitude', 'first_longitude', 'last_at', 'last_latitude', 'last_longitude'] -%}
{{ parts }}_contradicted as (
    select
        {{ _of('own', keys + [part]) }},
        sum(other.point_count) as against_count
    from {{ parts }} as own
    inner join {{ parts }} as other
        on {{ _same('own', 'other', keys) }}
    where {{ contradict('own.', 'other.', part) }}
    group by {{ _of('own', keys + [part]) }}
),

{{ parts }}_ordered as (
    select
        {{ parts }}.*,
        row_number() over (
            partition by {{ _of(parts, keys) }}
            order by
                coalesce({{ parts }}_contradicted.against_count, 0),
                {{ parts }}.point_count desc,
                {{ parts }}.{{ part }}
        ) as nth_part
    from {{ parts }}
    left join {{ parts }}_contradicted
        on {{ _same(parts, parts ~ '_contradicted', keys + [part]) }}
),

{{ parts }}_referred as (
    select
        *
        {%- for column in [part] + bounds %},
        max(case when nth_part = 1 then {{ column }} end) over (partition by {{ keys | join(', ') }}) as best_{{ column }}
        {%- endfor %}
    from {{ parts }}_ordered
),

{{ parts }}_beside as (
    select
        *,
        case when {{ contradict('', 'best_', part) }} then 1 else 0 end as is_off
    from {{ parts }}_referred
),

{{ parts }}_implausible as (
    select distinct {{ _of('own', keys + [part]) }}
    from {{ parts }}_beside as own
    inner join {{ parts }}_beside as other
        on {{ _same('own', 'other', keys) }}
        and own.nth_part > other.nth_part
    where other.is_off = 0 and {{ contradict('own.', 'other.', part) }}
)
{%- endmacro %}

{% macro _of(relation, columns) -%}
{%- for column in columns %}{{ relation }}.{{ column }}{{ ", " if not loop.last }}{% endfor -%}
{%- endmacro %}

{% macro _same(one, other, columns) -%}
{%- for column in columns %}{{ one }}.{{ column }} = {{ other }}.{{ column }}{{ " and " if not loop.last }}{% endfor -%}
{%- endmacro %}
