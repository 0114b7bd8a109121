{#- The local stack keeps its landing beside its warehouse (local/paths.py). -#}
{% macro duckdb__landing_root() %}
    {{ return((duckdb_file().rsplit('/', 1)[0] if '/' in duckdb_file() else '.') ~ '/landing') }}
{% endmacro %}

{#- The path of the open database, as the profile has it. -#}
{% macro duckdb_file() %}
    {% set known = memo('duckdb_file') %}
    {% if known is not none %}
        {{ return(known) }}
    {% endif %}
    {% set path = run_query("select path from duckdb_databases() where database_name = current_database()").rows[0][0] %}
    {% do exceptions.raise_compiler_error("The warehouse must be a file: set a path in profiles/profiles.yml, not :memory:.") if not path %}
    {{ return(memo_set('duckdb_file', path)) }}
{% endmacro %}
