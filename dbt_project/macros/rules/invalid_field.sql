{#- The column that a row rule is about, by the reason code of docs/definitions.md. -#}
{% macro invalid_field(reason, topic) -%}
{%- set fields = {
    'event_time_out_of_range': 'event_time',
    'event_id_blank': 'event_id',
    'camera_id_blank': 'camera_id',
    'vehicle_id_blank': 'vehicle_id',
    'sensor_id_blank': 'sensor_id',
    'road_id_blank': 'road_id',
    'station_id_blank': 'station_id',
    'incident_id_blank': 'incident_id',
    'car_id_blank': 'car_id',
    'location_malformed': 'location',
    'latitude_out_of_range': 'location',
    'longitude_out_of_range': 'location',
    'speed_out_of_range': 'speed_kmh',
    'heading_out_of_range': 'heading',
    'year_out_of_range': 'year',
    'fuel_type_unknown': 'fuel_type',
    'vehicle_type_unknown': 'vehicle_type',
    'accuracy_out_of_range': 'accuracy_m',
    'vehicle_count_out_of_range': 'vehicle_count',
    'average_speed_out_of_range': 'average_speed_kmh',
    'average_speed_missing': 'average_speed_kmh',
    'occupancy_out_of_range': 'occupancy_pct',
    'temperature_out_of_range': 'temperature_c',
    'condition_unknown': 'condition',
    'precipitation_out_of_range': 'precipitation_mm',
    'wind_speed_out_of_range': 'wind_speed_kmh',
    'humidity_out_of_range': 'humidity_pct',
    'air_quality_index_out_of_range': 'air_quality_index',
    'incident_type_unknown': 'incident_type',
    'status_unknown': 'status',
    'severity_out_of_range': 'severity',
    'detected_vehicles_out_of_range': 'detected_vehicles',
    'rpm_out_of_range': 'rpm',
    'gear_out_of_range': 'gear',
} -%}
case
        when {{ reason }} = 'speed_out_of_range' and {{ topic }} = 'sensors-sample' then 'speed'
        {%- for code, field in fields.items() %}
        when {{ reason }} = '{{ code }}' then '{{ field }}'
        {%- endfor %}
    end
{%- endmacro %}
