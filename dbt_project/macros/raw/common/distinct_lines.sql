{#- FROM of the ledger's lines, each once that a COPY loaded twice. -#}
{% macro distinct_lines(condition) -%}
(
    select distinct _kafka_topic, _kafka_generation, _kafka_partition, _landed_at, previous_landed_at, row_count
    from {{ raw_name('landed_batches') }}
    where {{ condition }}
) as lines
{%- endmacro %}
