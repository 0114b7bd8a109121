{{ receive('sensors_sample') }}
