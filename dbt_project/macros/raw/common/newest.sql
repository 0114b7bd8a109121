{#-
    The newest time in a column of a relation whose last write holds it, in epoch microseconds; none if it is empty. Two
    questions, so that only the last write is read: the greatest _built_ms is in the table's own statistics.
-#}
{% macro newest(relation, column) %}
    {% set built = rows_of("select max(_built_ms) from " ~ relation)[0][0] %}
    {% if built is none %}
        {{ return(none) }}
    {% endif %}
    {{ return(rows_of("select max(" ~ epoch_us(column) ~ ") from " ~ relation ~ " where _built_ms = " ~ built)[0][0]) }}
{% endmacro %}
