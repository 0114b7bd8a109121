{#-
    Builds an incremental model with one of dbt's materializations, or leaves its table alone if the run has nothing to
    write: dbt would still make the temporary relation and compare columns, which costs more than finding out that nothing
    is new. With `in_place` a table in which only rows can have changed is written without the two (writes_in_place).
-#}
{% macro write_or_leave(materialization, in_place=false) %}
    {% set existing = load_cached_relation(this) %}
    {% set anew = existing is none or existing.is_view or should_full_refresh() %}
    {% set same_code = check_code(anew) %}
    {% set writes = anew or not writes_nothing(compiled_code) %}
    {% set only_rows = in_place and writes and same_code and writes_in_place() %}
    {% do keep_run_lock(check=writes and not only_rows) %}
    {% if only_rows %}
        {{ return(write_in_place()) }}
    {% elif writes %}
        {% set built = dbt[materialization]() %}
        {% do graph.update({'columns ' ~ model.unique_id: columns_of_tables().get(this.identifier)}) if in_place and not anew %}
        {{ return(built) }}
    {% endif %}
    {% do memo_set('left ' ~ model.unique_id, true) %}
    {% call noop_statement('main', 'NOTHING NEW') %}{% endcall %}
    {{ return({'relations': [existing]}) }}
{% endmacro %}
