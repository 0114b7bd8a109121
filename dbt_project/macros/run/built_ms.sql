{#- The run's start as a bigint: the same for all of its rows. take_run_lock holds that it is greater than in every run before. -#}
{% macro built_ms() -%}
cast({{ run_started_ms() }} as bigint)
{%- endmacro %}
