{{ receive('emergency_incidents') }}
