-- A rule on data, so it warns: a sender that breaks more than one row in ten has changed its format.
{{ config(severity='warn') }}

select
    topic,
    sum(invalid_count) as invalid_count,
    sum(row_count) as row_count
from {{ get_where_subquery(ref('audit_landing')) }}
group by topic
having sum(row_count) >= 100 and sum(invalid_count) * 10 > sum(row_count)
