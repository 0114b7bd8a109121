{#- The folder (or bucket prefix) that the landing job writes to: JUNCTION_LANDING, or where the engine's own state lies. -#}
{% macro landing_root() %}
    {% set given = env_var('JUNCTION_LANDING', '') %}
    {{ return(given.rstrip('/') if given else adapter.dispatch('landing_root')()) }}
{% endmacro %}

{% macro default__landing_root() %}
    {{ exceptions.raise_compiler_error("Set JUNCTION_LANDING to where the landing job writes, as in s3://bucket/landing.") }}
{% endmacro %}
