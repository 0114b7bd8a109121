{#-
    From when on a test compares what was landed with what was received, as a datetime: from the landing hour of the oldest
    row that the last run received. After a run that received none, the last two hours: a fault stays in sight.
-#}
{% macro landed_since(received) %}
    {% set written = last_written(received) %}
    {% if not written %}
        {{ return(moment(0)) }}
    {% endif %}
    {% set oldest = run_query("select min(" ~ epoch_us('_landed_at') ~ ") from " ~ received ~ " where " ~ written).rows[0][0] %}
    {% set since = run_started_at - modules.datetime.timedelta(hours=1) if oldest is none else moment(oldest) %}
    {{ return(since.replace(minute=0, second=0, microsecond=0)) }}
{% endmacro %}
