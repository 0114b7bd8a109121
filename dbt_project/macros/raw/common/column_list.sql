{#-
    The columns of a CREATE TABLE, one a line: `columns` from `raw_columns`; `spelled` is the macro that spells a type of
    the contract as the engine does; `quote` is the sign around a name.
-#}
{% macro column_list(columns, spelled, quote='') %}
    {% set declared = [] %}
    {% for column in columns %}
        {% do declared.append(quote ~ column.name ~ quote ~ ' ' ~ spelled(column.data_type)) %}
    {% endfor %}
    {{ return(declared | join(',\n    ')) }}
{% endmacro %}
