{#-
    Up to which batch of a topic raw holds every row that the ledger counts: {through_us, waits}. `through_us` is the newest
    such batch in epoch microseconds, `high` of new_landings; `low` if nothing newer is whole. `waits` is the first batch that
    is not whole, {landed_us, row_count, visible_count}, or none: its files are not all visible yet (a network file system,
    a synced bucket, a COPY). `row_count` is none if its line in the ledger is not, which the next batch's line names. It and all after it are left for a later run: received reads only what landed after its newest
    row, so rows that it passed by would be lost.

    Only batches in (low, newest] are counted, each line once that a COPY loaded twice. What will never be visible is passed
    by with --vars '{wait_for_rows: false}' (passed_by). Asks neither ref nor source, which the question for freshness does
    not have.
-#}
{% macro whole_through(table, topic, low) %}
    {% set since = " and _landed_at > " ~ timestamp_literal(moment(low)) ~ " and " ~ landed_from(moment(low), '') if low is not none else "" %}
    {% set batches = batches_after(topic, low) %}
    {% set newest = (batches | last)[0] | int if batches | length else low %}
    {% do narrow_raw(table, low) if batches | length %}
    {% do memo_set('passed_by ' ~ topic, newest) if batches | length and not var('wait_for_rows') %}
    {% set passed_us = passed_by().get(topic, 0) %}
    {% if not batches | length or newest <= passed_us %}
        {{ return({'through_us': newest, 'waits': none}) }}
    {% endif %}
    {% set visible = {} %}
    {% for landed_us, row_count in run_query(
        "select " ~ epoch_us("_landed_at") ~ ", count(*) from " ~ raw_name(table) ~ " where _landed_at <= "
        ~ timestamp_literal(moment(newest)) ~ " and " ~ landed_until(moment(newest), '') ~ since ~ " group by 1"
    ).rows %}
        {% do visible.update({landed_us | int: row_count | int}) %}
    {% endfor %}
    {% set whole, in_order = [low], var('redshift_raw', 'spectrum') != 'spectrum' %}  {#- copied_through keeps the order -#}
    {% for landed_us, row_count, previous_us in batches %}
        {% set known_us = whole | last %}
        {% if not in_order and previous_us is not none and known_us is not none and previous_us > known_us and landed_us > passed_us %}
            {{ return({
                'through_us': known_us,
                'waits': {'landed_us': previous_us, 'row_count': none, 'visible_count': 0},
            }) }}
        {% endif %}
        {% set seen = visible.get(landed_us | int, 0) %}
        {% if seen < row_count | int and landed_us | int > passed_us %}
            {{ return({
                'through_us': whole | last,
                'waits': {'landed_us': landed_us | int, 'row_count': row_count | int, 'visible_count': seen},
            }) }}
        {% endif %}
        {% do whole.append(landed_us | int) %}
    {% endfor %}
    {{ return({'through_us': newest, 'waits': none}) }}
{% endmacro %}
