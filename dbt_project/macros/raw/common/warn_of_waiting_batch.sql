{#-
    What a run says of a batch that waits (`waits` of whole_through). A full refresh fails instead of leaving it for a later
    run: it would put a table with less in the place of the one that is there.
-#}
{% macro warn_of_waiting_batch(topic, waits) %}
    {% set batch = "The batch of " ~ topic ~ " that landed at " ~ moment(waits.landed_us) ~ " UTC " %}
    {% set found = waits.visible_count ~ " of its " ~ waits.row_count ~ " rows are visible in raw" if waits.row_count is not none else "its line in the ledger is not visible" %}
    {% do exceptions.raise_compiler_error(
        batch ~ "is not whole (" ~ found ~ "), and a full refresh would lose what landed since: see docs/operations.md, When a batch waits."
    ) if should_full_refresh() %}
    {% do exceptions.warn(batch ~ "is left for a later run: " ~ found ~ ". If it stays so, see docs/operations.md, When a batch waits.") %}
{% endmacro %}
