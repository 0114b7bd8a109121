{{ receive('vehicle_gps') }}
