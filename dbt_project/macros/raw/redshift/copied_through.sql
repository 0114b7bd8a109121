{#-
    COPY jobs load their tables in no order, so the ledger can have a batch before its rows are loaded, or before it has an
    earlier batch. `raw_files.copied_through` records per topic through which batch all rows are loaded, and the view
    "raw".landed_batches shows no later one: its readers find whole batches, in their order, as with external tables
    (dead letters may come later). It lies beside the tables that it is about: whoever builds from them shares it. A mark
    only moves on.
-#}
{% macro copied_through_sql() -%}
create table if not exists raw_files.copied_through (_kafka_topic varchar(249), landed_until timestamp)
{%- endmacro %}

{#- Reads what was loaded since (copied_batches), moves the marks on, and warns which topic waits, and for what. -#}
{% macro note_copied_through() %}
    {% set made = run_query("select table_name from information_schema.tables where table_schema = 'raw_files'").columns[0].values() %}
    {% set topics = raw_tables() | selectattr('config.meta.topic', 'defined') | list %}
    {% set missing = (topics | map(attribute='identifier') | list + ['landed_batches']) | reject('in', made) | list %}
    {% if missing %}
        {{ exceptions.raise_compiler_error("There is no table " ~ missing | join(', ') ~ " in schema raw_files that " ~ target.user
            ~ " may read: run what dbt run-operation copy_statements prints, or grant select (docs/redshift.md).") }}
    {% endif %}
    {% do run_query(copied_through_sql()) if 'copied_through' not in made %}
    {% set marks, moved, begun = {}, {}, [] %}
    {% set known = "select _kafka_topic, max(" ~ epoch_us('landed_until') ~ ") from raw_files.copied_through group by 1" %}
    {% for topic, until_us in run_query(known).rows %}
        {% do marks.update({topic: timestamp_literal(moment(until_us))}) %}
    {% endfor %}
    {% for row in run_query(copied_batches(topics, marks)).rows %}
        {% set topic, through = row[0], timestamp_literal(moment(row[1])) if row[1] is not none else none %}
        {% do moved.update({topic: through}) if through and topic in marks %}
        {% do begun.append("('" ~ topic ~ "', " ~ through ~ ")") if through and topic not in marks %}
        {% do exceptions.warn("The batch of " ~ topic ~ " that landed at " ~ moment(row[2]) ~ " is left for a later run: " ~ what_is_missing(*row[3:])
            ~ ". If it stays so, see docs/redshift.md.") if row[2] is not none %}
    {% endfor %}
    {% set cases = [] %}
    {% for topic, through in moved.items() %}
        {% do cases.append("when '" ~ topic ~ "' then " ~ through) %}
    {% endfor %}
    {% do run_query(
        "update raw_files.copied_through set landed_until = greatest(landed_until, case _kafka_topic " ~ cases | join(' ')
        ~ " end) where _kafka_topic in ('" ~ moved.keys() | join("', '") ~ "')"
    ) if moved %}
    {% do run_query("insert into raw_files.copied_through values " ~ begun | join(', ')) if begun %}
{% endmacro %}

{#- Why a batch is left for a later run: part of a sentence. -#}
{% macro what_is_missing(follows, previous_us, loaded_count, row_count) -%}
{%- if follows -%}
{{ loaded_count }} of its {{ row_count }} rows are loaded
{%- elif previous_us is not none -%}
the one before it, which landed at {{ moment(previous_us) }}, is not in the ledger yet
{%- else -%}
it does not say which one came before it
{%- endif -%}
{%- endmacro %}
