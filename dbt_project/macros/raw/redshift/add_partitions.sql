{#-
    Adds partitions to a raw table, in statements of 100. `hours`: datetimes; those that `compacted` has of the table
    begin at the large files, since the small ones may be expired.
    https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_external-table.html
-#}
{% macro add_external_partitions(table, hours, compacted={}) %}
    {% for some in hours | sort | batch(100) %}
        {% set partitions = [] %}
        {% for hour in some %}
            {% do partitions.append(external_partition_sql(table, 'compacted' if hour in compacted.get(table, []) else 'raw', hour)) %}
        {% endfor %}
        {% do run_query('alter table "raw".' ~ table ~ ' add if not exists ' ~ partitions | join(' ')) %}
    {% endfor %}
{% endmacro %}

{% macro external_partition_sql(table, folder, hour) %}
    {% set date, number = hour.strftime('%Y-%m-%d'), hour.strftime('%H') %}
    {{ return("partition (landed_date='" ~ date ~ "', landed_hour='" ~ number ~ "') location '" ~ landing_root() ~ "/" ~ folder ~ "/"
        ~ table ~ "/landed_date=" ~ date ~ "/landed_hour=" ~ number ~ "/'") }}
{% endmacro %}
