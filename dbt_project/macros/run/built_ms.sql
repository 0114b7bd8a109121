{#- The run's start as a bigint: the same for all of its rows, and greater than in every run before (take_run_lock sees to that). -#}
{% macro built_ms() -%}
cast({{ run_started_ms() }} as bigint)
{%- endmacro %}
