{#- A text as a literal of DuckDB's. -#}
{% macro duckdb_text(text) %}{{ return("'" ~ text | replace("'", "''") ~ "'") }}{% endmacro %}

{#- A list of texts as a literal. -#}
{% macro duckdb_texts(texts) %}
    {% set literals = [] %}
    {% for text in texts %}
        {% do literals.append(duckdb_text(text)) %}
    {% endfor %}
    {{ return("[" ~ literals | join(', ') ~ "]::varchar[]") }}
{% endmacro %}
