{#- Where the files of a raw table's landing hour lie, in the folder `raw` or `compacted` (ingest writes both). -#}
{% macro partition_folder(folder, table, hour) %}
    {{ return(landing_root() ~ '/' ~ folder ~ '/' ~ table ~ hour.strftime('/landed_date=%Y-%m-%d/landed_hour=%H')) }}
{% endmacro %}
