{#-
    The fence of a write on Redshift: nothing is written once another run has the lock, also if this run was suspended
    between its last check and the write. In the transaction of the write, run_lock is locked and read: until that
    transaction ends no other run can take the lock. The lock comes before the first query, so that the transaction sees
    all that was committed before. The writes of one run's threads wait for each other, their computing does not.
    https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html
-#}
{% macro redshift_fence_write() %}
    {% call statement('fence') %}lock {{ state_table('run_lock') }}{% endcall %}
    {% do exceptions.raise_compiler_error(lost_run_lock()) if not holds_run_lock() %}
{% endmacro %}
