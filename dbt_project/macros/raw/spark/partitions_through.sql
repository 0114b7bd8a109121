{#-
    Through which hour a raw table has its partitions, from its property junction.newest_partition: a text of `hour_text`,
    'none' if there was nothing to add, or else Spark's sentence that there is no such property.
-#}
{% macro spark_partitions_through(table) %}
    {{ return(run_query("show tblproperties raw." ~ table ~ " ('junction.newest_partition')").rows[0] | last) }}
{% endmacro %}

{#- Records what is new in `reached`. Both are {raw table: hour}. -#}
{% macro spark_note_partitions_through(through, reached) %}
    {% for table, hour in reached.items() if hour != through[table] %}
        {% do run_query("alter table raw." ~ table ~ " set tblproperties ('junction.newest_partition' = '" ~ hour ~ "')") %}
    {% endfor %}
{% endmacro %}
