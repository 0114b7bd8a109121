{#- Spectrum's tables, when the contract has changed since they were made. Raw that COPY fills is the operator's. -#}
{% macro redshift__create_raw_tables() %}
    {% if var('redshift_raw', 'spectrum') == 'spectrum' %}
        {% do make_external_tables() if redshift_made_from() != external_tables_md5() %}
    {% endif %}
{% endmacro %}
