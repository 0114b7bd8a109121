{#-
    Adds partitions to a raw table, in statements of 100. `hours`: datetimes.
    https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_external-table.html
-#}
{% macro add_external_partitions(table, hours) %}
    {% for some in hours | sort | batch(100) %}
        {% set partitions = [] %}
        {% for hour in some %}
            {% do partitions.append(external_partition_sql(table, hour)) %}
        {% endfor %}
        {% do run_query('alter table "raw".' ~ table ~ ' add if not exists ' ~ partitions | join(' ')) %}
    {% endfor %}
{% endmacro %}

{% macro external_partition_sql(table, hour) %}
    {% set date, number = hour.strftime('%Y-%m-%d'), hour.strftime('%H') %}
    {{ return("partition (landed_date='" ~ date ~ "', landed_hour='" ~ number ~ "') location '" ~ landing_root() ~ "/raw/"
        ~ table ~ "/landed_date=" ~ date ~ "/landed_hour=" ~ number ~ "/'") }}
{% endmacro %}
