{#- The datetime of microseconds since 1970-01-01 UTC, without a time zone. -#}
{% macro moment(microseconds) %}
    {{ return(modules.datetime.datetime(1970, 1, 1) + modules.datetime.timedelta(microseconds=microseconds | int)) }}
{% endmacro %}
