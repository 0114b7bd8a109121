{#- Redshift cannot list S3: it reads the table of the records' files, which has no partitions. -#}
{% macro redshift__add_record_partitions(hours, first) %}
    {% if first %}
        {% set all %}select distinct {{ epoch_us("date_trunc('hour', compacted_at)") }} from "raw".compacted_hours_files{% endset %}
        {% for row in run_query(all).rows %}
            {% do hours.append(moment(row[0])) %}
        {% endfor %}
    {% endif %}
    {% do add_partitions('compacted_hours', hours) %}
{% endmacro %}
