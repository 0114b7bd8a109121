{#-
    A SELECT of the incidents in force where and when each of these rows is, from CTE `incidents` (rows of
    int_zone_incident_hours). The order decides which counts: `nth` 1. `rows` is a CTE with zone_id, event_hour, the
    columns `key` and the time `at`.
-#}
{% macro incidents_in_force(rows, key, at) -%}
{%- set keys = [] -%}
{%- for column in key -%}
    {%- do keys.append(rows ~ '.' ~ column) -%}
{%- endfor -%}
select
        {%- for column in keys %}
        {{ column }},
        {%- endfor %}
        incidents.incident_id,
        incidents.incident_type,
        incidents.incident_severity,
        row_number() over (
            partition by {{ keys | join(', ') }}
            order by incidents.incident_severity desc, incidents.in_force_since desc, incidents.incident_id
        ) as nth
    from {{ rows }}
    inner join incidents
        on {{ rows }}.zone_id = incidents.zone_id
        and {{ rows }}.event_hour = incidents.event_hour
        and {{ rows }}.{{ at }} >= incidents.in_force_from
        and {{ rows }}.{{ at }} < incidents.in_force_to
{%- endmacro %}
