{{ receive('vehicle_telemetry') }}
