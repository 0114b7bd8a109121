"""The functions that the project may use on Redshift: sqlglot's names for them, each listed in the guide.

https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html
"""

_AGGREGATES = "count sum min max avg percentile_cont listagg"
_WINDOWS = "row_number rank dense_rank lag lead first_value last_value"
_NUMBERS = "abs floor ceil round mod sqrt sign greatest least power trunc cos radians"
_TEXTS = (
    "lower upper trim substring concat split_part length replace regexp_substr regexp_like regexp_i_like md5 left right"
)
# To sqlglot date_trunc is timestamp_trunc, and to_char with a time time_to_str.
_TIMES = "timestamp_trunc date_trunc extract current_timestamp current_date date_diff date_add getdate datediff dateadd"
_TIMES += " to_char time_to_str"
# json_extract_scalar and regexp_extract are sqlglot's names for json_extract_path_text and regexp_substr.
_TEXTS += " octet_length json_extract_path_text json_extract_scalar regexp_extract"
_REST = "cast case if coalesce nullif nvl distinct exists pg_backend_pid"

KNOWN = frozenset(" ".join((_AGGREGATES, _WINDOWS, _NUMBERS, _TEXTS, _TIMES, _REST)).split())
