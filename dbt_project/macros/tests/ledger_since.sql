{#-
    The ledger from the landing hour of `since` (a datetime) on, as a subquery. Where COPY fills raw it is the table behind
    the view, which ends at the first batch that waits.
-#}
{% macro ledger_since(since) -%}
{%- if var('redshift_raw', 'spectrum') == 'spectrum' -%}
(select * from {{ source('raw', 'landed_batches') }} where {{ landed_from(since, '') }})
{%- else -%}
(select * from raw_files.landed_batches where _landed_at >= {{ timestamp_literal(since) }})
{%- endif -%}
{%- endmacro %}
