{#- The table without partitions of Spectrum's (files_tables), or what COPY has loaded. -#}
{% macro redshift__ledger_files() %}
    {{ return('"raw".landed_batches_files' if var('redshift_raw', 'spectrum') == 'spectrum' else 'raw_files.landed_batches') }}
{% endmacro %}
