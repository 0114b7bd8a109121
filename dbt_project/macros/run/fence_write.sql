{#-
    The fence of a write: nothing is written once another run has the lock, also if this run was suspended between its
    last check and the write. Called right before the statements that write; they follow in the transaction that it opens.
-#}
{% macro fence_write() %}{{ return(adapter.dispatch('fence_write')()) }}{% endmacro %}

{% macro default__fence_write() %}
    {{ exceptions.raise_compiler_error("fence_write is not written for " ~ target.type ~ ": add " ~ target.type ~ "__fence_write") }}
{% endmacro %}

{#- Delta has no transaction over two tables: the statement that writes carries the fence itself (spark_fence). -#}
{% macro spark__fence_write() %}{% endmacro %}

{#-
    In the transaction of the write, run_lock is locked and read: until that transaction ends no other run can take the
    lock. The lock comes before the first query, so that the transaction sees all that was committed before. The writes
    of one run's threads wait for each other, their computing does not.
    https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html
-#}
{% macro redshift__fence_write() %}
    {% call statement('fence') %}lock {{ state_table('run_lock') }}{% endcall %}
    {% do exceptions.raise_compiler_error(lost_run_lock()) if not holds_run_lock() %}
{% endmacro %}

{#-
    DuckDB has no LOCK: a transaction that changes what another has changed since its snapshot fails. So each model has a
    row of write_fence, which its write changes, and a run that takes the lock changes all of them (claim_run_lock). The
    threads of one run change different rows. A transaction of the catalog's questions before ends here, or the snapshot
    would be older than the fence.
    https://duckdb.org/docs/stable/connect/concurrency#concurrency-within-a-single-process
-#}
{% macro duckdb__fence_write() %}
    {% do adapter.commit() %}
    {% set fence %}
        update {{ state_table('write_fence') }} set invocation_id = '{{ invocation_id }}' where model = '{{ model.alias }}'
            and exists (select 1 from {{ state_table('run_lock') }} where {{ is_my_run_lock() }})
        returning model
    {% endset %}
    {% do exceptions.raise_compiler_error(lost_run_lock()) if not rows_of(fence, begin=true) %}
{% endmacro %}
