{#-
    The newest batch of a topic, in epoch microseconds, up to which raw holds every row that the ledger counts: `high` of
    new_landings. A batch whose files are not all visible yet (a network file system, a synced bucket, a COPY), and all
    after it, are left for a later run, which is logged: received reads only what landed after its newest row, so rows
    that it passed by would be lost. `low` if nothing newer is whole. A full refresh fails instead: it would put a table
    with less in the place of the one that is there.

    Only batches in (low, newest] are counted. What will never be visible is passed by with --vars '{wait_for_rows: false}'.
-#}
{% macro whole_through(table, topic, low) %}
    {% set since = " and _landed_at > " ~ timestamp_literal(moment(low)) ~ " and " ~ landed_from(moment(low), '') if low is not none else "" %}
    {% set batches = batches_after(topic, low) %}
    {% set newest = (batches | last)[0] if batches | length else low %}
    {% do narrow_raw(table, low) if batches | length %}
    {% if not batches | length or not var('wait_for_rows') %}
        {{ return(newest) }}
    {% endif %}
    {% set visible = {} %}
    {% for landed_us, row_count in run_query(
        "select " ~ epoch_us("_landed_at") ~ ", count(*) from " ~ source('raw', table) ~ " where _landed_at <= "
        ~ timestamp_literal(moment(newest)) ~ " and " ~ landed_until(moment(newest), '') ~ since ~ " group by 1"
    ).rows %}
        {% do visible.update({landed_us | int: row_count | int}) %}
    {% endfor %}
    {% set whole = [low] %}
    {% for landed_us, row_count in batches %}
        {% set seen = visible.get(landed_us | int, 0) %}
        {% if seen < row_count | int %}
            {% set batch = "The batch of " ~ topic ~ " that landed at " ~ moment(landed_us) ~ " UTC " %}
            {% set found = seen ~ " of its " ~ row_count | int ~ " rows are visible in raw" %}
            {% do exceptions.raise_compiler_error(
                batch ~ "is not whole (" ~ found ~ "), and a full refresh would lose what landed since: see docs/operations.md, When a batch waits."
            ) if should_full_refresh() %}
            {% do log(batch ~ "is left for a later run: " ~ found ~ ". If it stays so, see docs/operations.md.", info=true) %}
            {{ return(whole | last) }}
        {% endif %}
        {% do whole.append(landed_us) %}
    {% endfor %}
    {{ return(newest) }}
{% endmacro %}
