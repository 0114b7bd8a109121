{#-
    A column that the contract got after its topic was landed, for staging: the column, and for rows that landed before,
    what they hold of it in `_rescued`, if that fits the contract's type; else NULL (docs/definitions.md, section 2).
-#}
{% macro added_column(table, name) -%}
{%- if execute -%}
    {%- set node = raw_tables() | selectattr('name', 'equalto', table) | first -%}
    {%- if not node or name not in node.columns -%}
        {{ exceptions.raise_compiler_error("added_column: the contract has no column " ~ name ~ " in table " ~ table ~ ": declare it in a _*__sources.yml file.") }}
    {%- endif -%}
coalesce({{ name }}, {{ rescued_value(name, node.columns[name].data_type) }})
{%- else -%}
{{ name }}
{%- endif -%}
{%- endmacro %}

{#- Whether the member is a text is read from how `_rescued` spells it: landing leaves no blank at the colon. -#}
{% macro rescued_value(name, data_type) -%}
{%- set text = json_text('_rescued', name) -%}
{%- set is_text = matches('_rescued', '"' ~ name ~ '":"') -%}
{%- set kind = data_type.split('(')[0] -%}
{%- set whole = {'integer': ['-2147483648', '2147483647'], 'bigint': ['-9223372036854775808', '9223372036854775807']} -%}
case
        {%- if kind == 'varchar' %}
        when {{ is_text }} and {{ octet_count(text) }} <= {{ data_type[8:-1] }} then cast({{ text }} as {{ data_type }})
        {%- elif kind == 'timestamp' %}
        when {{ is_text }} then {{ zoned_time(text) }}
        {%- elif kind == 'double' %}
        when {{ is_text }} then null
        when {{ matches(text, '^-?[0-9]{1,22}([.][0-9]{1,40})?([eE][+-]?([0-9]{1,2}|1[0-9]{2}|2[0-7][0-9]))?$') }}
            then {{ to_double(text) }}
        {%- elif kind in whole %}
        when {{ is_text }} then null
        when {{ matches(text, '^-?[0-9]{1,19}$') }}
            then case
                when cast({{ text }} as decimal(38, 0)) between {{ whole[kind][0] }} and {{ whole[kind][1] }}
                    then cast({{ text }} as {{ kind }})
            end
        {%- elif kind == 'boolean' %}
        when {{ is_text }} then null
        when {{ text }} = 'true' then true
        when {{ text }} = 'false' then false
        {%- else %}
            {{ exceptions.raise_compiler_error("added_column: " ~ name ~ " is " ~ data_type ~ ", which _rescued cannot hold: read the column as it is.") }}
        {%- endif %}
    end
{%- endmacro %}
