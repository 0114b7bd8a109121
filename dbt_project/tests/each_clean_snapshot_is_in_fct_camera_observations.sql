-- No row of an hour that the mart holds is lost on the way, and none is multiplied by a join.
{{ hours_of_other_size(ref('fct_camera_observations'), ref('int_traffic_cameras_clean')) }}
