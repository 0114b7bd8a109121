{#- The refusal of a landing folder without the ledger that was read: the run lock is released, since nothing was begun. -#}
{% macro refuse_without_ledger() %}
    {% do release_run_lock(invocation_id) if command_writes() %}
    {% do exceptions.raise_compiler_error(
        "There is no ledger in the landing folder " ~ landing_root() ~ ", from which this warehouse was built: see that the folder"
        ~ " is there, mounted and readable, or set JUNCTION_LANDING to where it is. For another landing folder take another"
        ~ " warehouse (JUNCTION_VAR" ~ ("" if target.type == 'duckdb' else " or JUNCTION_SCHEMA") ~ ")."
    ) %}
{% endmacro %}
