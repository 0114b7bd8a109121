{#-
    The fence of a write on Spark: a condition for the statement that writes. It fails the statement when the lock is
    not this run's, or when a later run has written `target` (none: a table that does not exist). Delta has no
    transaction over two tables, so the table is asked too: what a later run commits while the statement runs conflicts.
    https://docs.delta.io/latest/concurrency-control.html
-#}
{% macro spark_fence(target=none) -%}
(select assert_true(count(*) = 1, '{{ lost_run_lock() }}') from {{ state_table('run_lock') }} where {{ is_my_run_lock() }}) is null
{%- if target is not none %}
and (select assert_true(coalesce(max(_built_ms), 0) <= {{ run_started_ms() }}, '{{ lost_run_lock() }}') from {{ target }}) is null
{%- endif %}
{%- endmacro %}
