{#- A member of a JSON object as text: a text without its quotes, all else as it is spelled. NULL if there is none. -#}
{% macro json_text(json, name) %}{{ return(adapter.dispatch('json_text')(json, name)) }}{% endmacro %}

{% macro default__json_text(json, name) %}
    {{ exceptions.raise_compiler_error("json_text is not written for " ~ target.type ~ ": add " ~ target.type ~ "__json_text") }}
{% endmacro %}

{#- Not get_json_object, which spells numbers anew. https://spark.apache.org/docs/latest/api/sql/index.html#from_json -#}
{% macro spark__json_text(json, name) %}from_json({{ json }}, '{{ name }} string').{{ name }}{% endmacro %}

{#- https://docs.aws.amazon.com/redshift/latest/dg/JSON_EXTRACT_PATH_TEXT.html -#}
{% macro redshift__json_text(json, name) %}json_extract_path_text({{ json }}, '{{ name }}', true){% endmacro %}

{#- A number may be spelled anew (1.10 as 1.1), with the same value. https://duckdb.org/docs/stable/data/json/json_functions -#}
{% macro duckdb__json_text(json, name) %}json_extract_string({{ json }}, '$."{{ name }}"'){% endmacro %}
