-- No row of an hour that the mart holds is lost on the way, and none is multiplied by a join.
{{ hours_of_other_size(ref('fct_car_samples'), ref('int_sensors_sample_clean')) }}
