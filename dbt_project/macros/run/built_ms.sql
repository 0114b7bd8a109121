{#- When this run began, in epoch ms: the same for all of its rows, and greater than in every run before (start_run sees to that). -#}
{% macro built_ms() -%}
cast({{ (run_started_at.timestamp() * 1000) | int }} as bigint)
{%- endmacro %}
