{{ receive('traffic_sensors') }}
