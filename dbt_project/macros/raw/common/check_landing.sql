{#-
    A command that builds anew what is there (--full-refresh, a range) needs the landing folder that it was built from: one that
    is absent, unreadable or not yet mounted looks like topics without records, and would empty every table. Other runs only
    add to what was received. Asked where the catalog has partitions of the ledger.
-#}
{% macro check_landing() %}
    {% if command_builds_models() and (flags.FULL_REFRESH or var('from', none)) %}
        {% set received = [] %}
        {% for table in topic_tables().values() if not received %}
            {% set relation = received_relation(table) %}
            {% do received.extend(rows_of("select 1 from " ~ relation ~ " limit 1") if relation else []) %}
        {% endfor %}
        {% if received and not rows_of("select 1 from " ~ raw_name('landed_batches') ~ " limit 1") %}
            {% do refuse_without_ledger() %}
        {% endif %}
    {% endif %}
{% endmacro %}
