{#- Before a seed is loaded: the lock is kept, and what is loaded is remembered for the tables that read it (code_md5). -#}
{% macro load_seed() %}
    {% do keep_run_lock() %}
    {% do memo_set('code ' ~ model.alias, local_md5(model.checksum.checksum ~ (model.config.column_types.items() | sort | string))) %}
{% endmacro %}
