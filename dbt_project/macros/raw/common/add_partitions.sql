{#-
    Adds the partitions of `hours` (datetimes) to a raw table. Those that `compacted` ({table: [datetime]}) has of the
    table begin at the large files, since the small ones may be expired.
-#}
{% macro add_partitions(table, hours, compacted={}) %}
    {% set partitions = [] %}
    {% for hour in hours | sort %}
        {% set folder = 'compacted' if hour in compacted.get(table, []) else 'raw' %}
        {% do partitions.append(partition_sql(table, hour, 'location', folder)) %}
    {% endfor %}
    {{ return(adapter.dispatch('add_partitions')(table, partitions)) }}
{% endmacro %}

{% macro default__add_partitions(table, partitions) %}
    {{ exceptions.raise_compiler_error("add_partitions is not written for " ~ target.type ~ ": add " ~ target.type ~ "__add_partitions") }}
{% endmacro %}
