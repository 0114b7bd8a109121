{#-
    The raw tables of the topics, for what counts all of them (tests/project holds that these are the contract's). A list
    in letters, since dbt reads `ref` before it knows the contract.
-#}
{% macro entities() %}
    {{ return([
        'emergency_incidents',
        'sensors_sample',
        'traffic_cameras',
        'traffic_sensors',
        'vehicle_gps',
        'vehicle_telemetry',
        'weather',
    ]) }}
{% endmacro %}
