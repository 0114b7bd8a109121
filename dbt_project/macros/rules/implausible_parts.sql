{#-
    The CTEs from `parts` to `<parts>_implausible`: which parts of a track (runs of an hour, hours of a trip) a vehicle cannot
    have been in. Two parts contradict each other if a jump leads from the last point of the earlier to the first of the
    later. What contradicts the reference is implausible, and of two others that do, the more doubted
    (docs/definitions.md, Trips).

    `parts`: a CTE with the columns `keys`, `part` (which orders them), point_count, first_at, first_latitude, first_longitude,
    last_at, last_latitude, last_longitude. The last CTE has the columns `keys` and `part` of the implausible ones.
-#}
{% macro implausible_parts(parts, keys, part) -%}
{%- set listed = keys | join(', ') -%}
{{ parts }}_apart as (
    select
        {{ _of('earlier', keys) }},
        earlier.{{ part }} as earlier_part,
        later.{{ part }} as later_part,
        earlier.point_count as earlier_count,
        later.point_count as later_count
    from {{ parts }} as earlier
    inner join {{ parts }} as later
        on {{ _same('earlier', 'later', keys) }}
        and earlier.{{ part }} < later.{{ part }}
    where {{ jumps(
        ['earlier.last_latitude', 'earlier.last_longitude', 'earlier.last_at'],
        ['later.first_latitude', 'later.first_longitude', 'later.first_at']
    ) }}
),

{{ parts }}_contradictions as (
    select {{ listed }}, earlier_part as {{ part }}, later_part as other_part, later_count as other_count
    from {{ parts }}_apart
    union all
    select {{ listed }}, later_part as {{ part }}, earlier_part as other_part, earlier_count as other_count
    from {{ parts }}_apart
),

{{ parts }}_contradicted as (
    select {{ listed }}, {{ part }}, sum(other_count) as against_count
    from {{ parts }}_contradictions
    group by {{ listed }}, {{ part }}
),

{{ parts }}_numbered as (
    select
        {{ _of(parts, keys) }},
        {{ parts }}.{{ part }},
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

-- What contradicts the reference, the first of that order.
{{ parts }}_off as (
    select
        {{ _of('contradictions', keys) }},
        contradictions.{{ part }}
    from {{ parts }}_contradictions as contradictions
    inner join {{ parts }}_numbered as reference
        on {{ _same('contradictions', 'reference', keys) }}
        and contradictions.other_part = reference.{{ part }}
        and reference.nth_part = 1
),

-- The contradictions among all others.
{{ parts }}_doubts as (
    select contradictions.*
    from {{ parts }}_contradictions as contradictions
    left join {{ parts }}_off as own_off
        on {{ _same('contradictions', 'own_off', keys + [part]) }}
    left join {{ parts }}_off as other_off
        on {{ _same('contradictions', 'other_off', keys) }}
        and contradictions.other_part = other_off.{{ part }}
    where own_off.{{ part }} is null and other_off.{{ part }} is null
),

{{ parts }}_doubted as (
    select {{ listed }}, {{ part }}, sum(other_count) as against_count
    from {{ parts }}_doubts
    group by {{ listed }}, {{ part }}
),

{{ parts }}_ranked as (
    select
        {{ _of('doubted', keys) }},
        doubted.{{ part }},
        row_number() over (
            partition by {{ _of('doubted', keys) }} order by doubted.against_count, numbered.nth_part
        ) as part_rank
    from {{ parts }}_doubted as doubted
    inner join {{ parts }}_numbered as numbered
        on {{ _same('doubted', 'numbered', keys + [part]) }}
),

{{ parts }}_implausible as (
    select {{ listed }}, {{ part }} from {{ parts }}_off
    union
    select
        {{ _of('doubts', keys) }},
        doubts.{{ part }}
    from {{ parts }}_doubts as doubts
    inner join {{ parts }}_ranked as own
        on {{ _same('doubts', 'own', keys + [part]) }}
    inner join {{ parts }}_ranked as other
        on {{ _same('doubts', 'other', keys) }}
        and doubts.other_part = other.{{ part }}
    where other.part_rank < own.part_rank
)
{%- endmacro %}

{% macro _of(relation, columns) -%}
{%- for column in columns %}{{ relation }}.{{ column }}{{ ", " if not loop.last }}{% endfor -%}
{%- endmacro %}

{% macro _same(one, other, columns) -%}
{%- for column in columns %}{{ one }}.{{ column }} = {{ other }}.{{ column }}{{ " and " if not loop.last }}{% endfor -%}
{%- endmacro %}
