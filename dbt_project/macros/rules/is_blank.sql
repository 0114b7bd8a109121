{#-
    Does a text show nothing? It is empty or of blanks only: the 25 signs that Unicode calls White_Space (tab, line breaks,
    U+0020, the no-break space …), U+200B, U+2060 and U+FEFF, which have no width. NULL for NULL.
-#}
{% macro is_blank(text) -%}
{%- set blanks = "\t\n\u000b\u000c\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a" -%}
{%- set blanks = blanks ~ "\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff" -%}
trim(both '{{ blanks }}' from {{ text }}) = ''
{%- endmacro %}
