{#-
    Warns of batches that are stamped further ahead than landing_horizon: no run sees them until the clocks agree. It reads
    all of the ledger's files, and so is asked each day, not by each run.
-#}
{% macro warn_of_landings_ahead() %}
    {% set horizon = modules.datetime.datetime.fromisoformat(landing_horizon() ~ ':00') + modules.datetime.timedelta(hours=1) %}
    {% set files = ledger_files() %}
    {% set found = run_query(
        "select _kafka_topic, count(distinct _landed_at), max(" ~ epoch_us('_landed_at') ~ ") from " ~ files
        ~ " where _landed_at >= " ~ timestamp_literal(horizon) ~ " group by 1 order by 1"
    ).rows if files else [] %}
    {% for topic, count, newest_us in found %}
        {% do exceptions.warn(
            count ~ " batches of " ~ topic ~ " are stamped up to " ~ moment(newest_us) ~ " UTC, more than landing_ahead_hours ("
            ~ var('landing_ahead_hours') ~ ") after now, and no run receives them by itself: see docs/operations.md, When landing's clock is wrong."
        ) %}
    {% endfor %}
{% endmacro %}
