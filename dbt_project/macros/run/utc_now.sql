{#- The time now, as a datetime in UTC. What must be the same for a whole command is `run_started_ms`. -#}
{% macro utc_now() %}{{ return(modules.datetime.datetime.now(modules.pytz.utc)) }}{% endmacro %}
