{{ receive('weather') }}
