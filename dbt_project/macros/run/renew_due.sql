{#-
    Whether the caller is to renew the lease: once in 30 s, or in a fifth of a short lease, and not while another thread
    does: two updates at once would conflict on Delta. setdefault is atomic. One that failed is forgotten after half of
    the lease, and no earlier than after 10 s, which an update may take.
-#}
{% macro renew_due(now_ms) %}
    {% set memo = graph.setdefault('run lock ' ~ invocation_id, {}) %}
    {% set slot, mark = now_ms // ([30000, run_lock_ms() // 5, 1] | sort)[1], [now_ms] %}
    {% if memo.setdefault(slot | int, mark) is not sameas mark %}
        {{ return(false) }}
    {% endif %}
    {% set renewing = memo.setdefault('renewing', mark) %}
    {% if renewing is not sameas mark and now_ms - renewing[0] > [run_lock_ms() // 2, 10000] | max %}
        {% do memo.update({'renewing': mark}) %}
        {{ return(true) }}
    {% endif %}
    {{ return(renewing is sameas mark) }}
{% endmacro %}

{#- The caller's renewal has ended. -#}
{% macro renewed() %}
    {% do graph['run lock ' ~ invocation_id].pop('renewing', none) %}
{% endmacro %}
