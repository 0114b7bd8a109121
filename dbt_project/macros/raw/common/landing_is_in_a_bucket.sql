{#- Whether landing_root names a prefix of a bucket. -#}
{% macro landing_is_in_a_bucket() %}{{ return(landing_root().startswith('s3://')) }}{% endmacro %}
