{#-
    Builds an incremental model with one of dbt's materializations, or leaves its table alone if the run has nothing to
    write: dbt would still make the temporary relation and compare columns, which costs more than finding out that nothing
    is new.
-#}
{% macro write_or_leave(materialization) %}
    {% set existing = load_cached_relation(this) %}
    {% set anew = existing is none or existing.is_view or should_full_refresh() %}
    {% do check_code(anew) %}
    {% set writes = anew or not writes_nothing(compiled_code) %}
    {% do keep_run_lock(check=writes) %}
    {% if writes %}
        {{ return(dbt[materialization]()) }}
    {% endif %}
    {% do memo_set('left ' ~ model.unique_id, true) %}
    {% call noop_statement('main', 'NOTHING NEW') %}{% endcall %}
    {{ return({'relations': [existing]}) }}
{% endmacro %}
