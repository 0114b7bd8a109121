{#- The comment of each statement: dbt's own words, and the run that it is of (holder_is_alive). -#}
{% macro query_label(node, connection_name) -%}
{%- set label = {
    'app': 'dbt', 'dbt_version': dbt_version, 'profile_name': target.get('profile_name'), 'target_name': target.get('target_name'),
    'invocation_id': invocation_id
} -%}
{%- do label.update({'node_id': node.unique_id} if node else {'connection_name': connection_name}) -%}
{{ return(tojson(label)) }}
{%- endmacro %}
