{{ receive('traffic_cameras') }}
