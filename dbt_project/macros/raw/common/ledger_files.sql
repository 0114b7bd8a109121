{#- The ledger's files, whatever partitions there are, as what a query can read; none if nothing was landed. -#}
{% macro ledger_files() %}{{ return(adapter.dispatch('ledger_files')()) }}{% endmacro %}

{% macro default__ledger_files() %}
    {{ exceptions.raise_compiler_error("ledger_files is not written for " ~ target.type ~ ": add " ~ target.type ~ "__ledger_files") }}
{% endmacro %}
