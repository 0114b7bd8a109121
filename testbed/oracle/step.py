"""One table of the oracle: the SQL that makes it and the tables that it reads."""

from __future__ import annotations

from dataclasses import dataclass

# Fixed point and rounding, section 1. A ratio of whole numbers is divided once and then rounded, so that an exact half
# is seen as one: IEEE division gives k + 0.5 exactly when the true quotient is that.
MACROS = """
create macro milli(x) as cast(floor(x * 1000::double + 0.5::double) as bigint);
create macro half_up(x) as floor(x + 0.5::double);
create macro ratio_half_up(num, den) as floor(num::double / nullif(den::double, 0) + 0.5::double);
create macro round_to(x, scale) as floor(x * scale::double + 0.5::double) / scale::double;
create macro north_is_0(degrees) as case degrees when 360 then 0 else degrees end;
create macro epoch_millis(t) as (epoch_us(t) - (epoch_us(t) % 1000 + 1000) % 1000) // 1000;
create macro millis_between(late, early) as epoch_millis(late) - epoch_millis(early);
create macro turn(lon1, lon2) as case when abs(lon2 - lon1) > 180 then 360 - abs(lon2 - lon1) else lon2 - lon1 end;
create macro millimetres(lat1, lon1, lat2, lon2) as cast(floor(
    111195000::double * sqrt((lat2 - lat1) ** 2 + (turn(lon1, lon2) * cos(radians((lat1 + lat2) / 2))) ** 2)
    + 0.5::double
) as bigint);
create macro is_blank(t) as regexp_full_match(t, '['
    '\\x09-\\x0D\\x20\\x{0085}\\x{00A0}\\x{1680}\\x{2000}-\\x{200B}\\x{2028}'
    '\\x{2029}\\x{202F}\\x{205F}\\x{2060}\\x{3000}\\x{FEFF}]*');
create macro percentile_100(l, percent) as
    100 * l[percent * (len(l) - 1) // 100 + 1]
    + (percent * (len(l) - 1) % 100)
    * (coalesce(l[percent * (len(l) - 1) // 100 + 2], 0) - l[percent * (len(l) - 1) // 100 + 1]);
create macro percentile_half_up(l, percent) as half_up(percentile_100(list_sort(l), percent) / 100::double);
"""


@dataclass(frozen=True)
class Step:
    """A table made by `sql`, a SELECT with `$constant` placeholders, from the tables in `needs`."""

    sql: str
    needs: tuple[str, ...] = ()
