{#-
    The batches of a topic in the ledger after `low` (epoch microseconds; none: all): a list of [epoch microseconds, rows that
    it counts, epoch microseconds of the batch before it or none], ascending. One question at the start of a run serves all
    topics that have landed in the last two hours.
-#}
{% macro batches_after(topic, low) %}
    {% set recent = recent_batches() %}
    {% set known = recent.batches.get(topic, []) if low is not none and hour_text(moment(low)) >= recent.hour else none %}
    {% set batches = [] %}
    {% if known is none %}
        {% set since = " and _landed_at > " ~ timestamp_literal(moment(low)) ~ " and " ~ landed_from(moment(low), '') if low is not none else "" %}
        {% set known = run_query(
            "select " ~ epoch_us("_landed_at") ~ ", sum(row_count), " ~ epoch_us("min(previous_landed_at)") ~ " from " ~ distinct_lines("_kafka_topic = '" ~ topic ~ "'" ~ since)
            ~ " group by 1 order by 1"
        ).rows %}
    {% endif %}
    {% for landed_us, row_count, previous_us in known if low is none or landed_us | int > low | int %}
        {% do batches.append([landed_us | int, row_count | int, previous_us | int if previous_us is not none else none]) %}
    {% endfor %}
    {{ return(batches) }}
{% endmacro %}

{#- {hour: the landing hour from which on they are, a text of hour_text; batches: {topic: its batches as above}}. -#}
{% macro recent_batches() %}
    {% set known = memo('recent_batches') %}
    {% if known is not none %}
        {{ return(known) }}
    {% endif %}
    {% set hour_ago, batches = utc_now() - modules.datetime.timedelta(hours=1), {} %}
    {% for topic, landed_us, row_count, previous_us in run_query(
        "select _kafka_topic, " ~ epoch_us("_landed_at") ~ ", sum(row_count), " ~ epoch_us("min(previous_landed_at)") ~ " from " ~ distinct_lines(landed_from(hour_ago, ''))
        ~ " group by 1, 2 order by 2"
    ).rows %}
        {% do batches.setdefault(topic, []).append([landed_us, row_count, previous_us]) %}
    {% endfor %}
    {{ return(memo_set('recent_batches', {'hour': hour_text(hour_ago), 'batches': batches})) }}
{% endmacro %}
