{#-
    Points the partitions of compacted hours at the large files. A reader sees the same rows before and after: the small
    files stay until `python -m ingest expire`. `compacted`: {table: [datetime]}, from new_compactions.
-#}
{% macro repoint_partitions(compacted) %}{{ return(adapter.dispatch('repoint_partitions')(compacted)) }}{% endmacro %}

{% macro default__repoint_partitions(compacted) %}
    {{ exceptions.raise_compiler_error("repoint_partitions is not written for " ~ target.type ~ ": add " ~ target.type ~ "__repoint_partitions") }}
{% endmacro %}

{#- https://spark.apache.org/docs/latest/sql-ref-syntax-ddl-alter-table.html -#}
{% macro spark__repoint_partitions(compacted) %}
    {% for table, hours in compacted.items() %}
        {% for hour in hours %}
            {% set date, number = hour.strftime('%Y-%m-%d'), hour.strftime('%H') %}
            {% do run_query(
                "alter table raw." ~ table ~ " partition (landed_date = date '" ~ date ~ "', landed_hour = '" ~ number
                ~ "') set location '" ~ landing_root() ~ "/compacted/" ~ table ~ "/landed_date=" ~ date ~ "/landed_hour=" ~ number ~ "'"
            ) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}

{#- https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_external-table.html -#}
{% macro redshift__repoint_partitions(compacted) %}
    {% for table, hours in compacted.items() %}
        {% for hour in hours %}
            {% set date, number = hour.strftime('%Y-%m-%d'), hour.strftime('%H') %}
            {% do run_query(
                'alter table "raw".' ~ table ~ " partition (landed_date='" ~ date ~ "', landed_hour='" ~ number
                ~ "') set location '" ~ landing_root() ~ "/compacted/" ~ table ~ "/landed_date=" ~ date ~ "/landed_hour=" ~ number ~ "/'"
            ) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
