{#-
    The hour through which partitions of the ledger and of the records of compaction are added, a text of `hour_text`:
    landing_ahead_hours after now. The clock of landing may be ahead of dbt's: dbt reads what the ledger has, and an hour
    that nobody has written yet costs a partition once.
-#}
{% macro landing_horizon() %}
    {{ return(hour_text(utc_now() + modules.datetime.timedelta(hours=var('landing_ahead_hours')))) }}
{% endmacro %}
