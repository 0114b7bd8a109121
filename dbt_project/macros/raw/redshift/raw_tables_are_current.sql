{#- Of Spectrum's tables by what they were made from. Raw that COPY fills is the operator's. -#}
{% macro redshift__raw_tables_are_current() %}
    {{ return(var('redshift_raw', 'spectrum') != 'spectrum' or redshift_made_from() == external_tables_md5()) }}
{% endmacro %}
