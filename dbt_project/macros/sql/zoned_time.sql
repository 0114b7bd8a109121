{#-
    The UTC timestamp of an ISO-8601 text with Z or an offset; NULL for any other text and for a day that no calendar has.
    Digits beyond the microsecond are cut off, as landing does. Offsets go up to 14:59.
-#}
{% macro zoned_time(text) -%}
{%- set day -%}
([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)
{%- endset -%}
{%- set pattern = '^' ~ day ~ 'T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$' -%}
case when {{ matches(text, pattern) }} and substring({{ text }}, 1, 4) <> '0000' then {{ cast_zoned_time(text) }} end
{%- endmacro %}

{% macro cast_zoned_time(text) %}{{ return(adapter.dispatch('cast_zoned_time')(text)) }}{% endmacro %}

{% macro default__cast_zoned_time(text) %}
    {{ exceptions.raise_compiler_error("cast_zoned_time is not written for " ~ target.type ~ ": add " ~ target.type ~ "__cast_zoned_time") }}
{% endmacro %}

{#- In the session's zone, which is UTC. -#}
{% macro spark__cast_zoned_time(text) %}cast({{ text }} as timestamp){% endmacro %}

{#- Built from its parts, since a cast rounds the seventh digit. https://docs.aws.amazon.com/redshift/latest/dg/r_Datetime_types.html -#}
{% macro redshift__cast_zoned_time(text) -%}
cast(
        replace(substring({{ text }}, 1, 19), 'T', ' ') || coalesce(regexp_substr({{ text }}, '[.][0-9]{1,6}'), '')
        || coalesce(nullif(regexp_substr({{ text }}, '[+-][0-9]{2}:[0-9]{2}$'), ''), '+00:00') as timestamptz
    ) at time zone 'UTC'
{%- endmacro %}

{#- In the session's zone, which is UTC. https://duckdb.org/docs/stable/sql/data_types/timestamp -#}
{% macro duckdb__cast_zoned_time(text) %}cast(cast({{ text }} as timestamptz) as timestamp){% endmacro %}
