{#- Raw that COPY fills is the operator's, and always current. -#}
{% macro redshift__make_raw_tables() %}{% do make_external_tables() %}{% endmacro %}
