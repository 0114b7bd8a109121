{#- The folder (or bucket prefix) that the landing job writes to. -#}
{% macro landing_root() %}
    {{ return(env_var('JUNCTION_LANDING', env_var('JUNCTION_VAR', env_var('PWD', '') ~ '/../var') ~ '/landing')) }}
{% endmacro %}
