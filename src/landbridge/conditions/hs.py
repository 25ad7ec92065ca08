"""Commodity scopes: all goods, no goods, lists each State fills in, or codes of the Harmonized System.

The Harmonized System is common to all States down to six digits. A rule stated with more digits, or with a letter, is
about a named part of its heading (jet fuel within 2710, condensate within 270900): a wider code does not tell whether
the goods are that part. See https://www.wcoomd.org/en/topics/nomenclature/overview/what-is-the-harmonized-system.aspx
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

COMMON_DIGITS = 6
CODE = re.compile(r"\d{2,10}|\d{6,10}[A-Z]")


class Cover(IntEnum):
    """How much of the goods in question a scope covers."""

    NOTHING = 0
    NAMED_PART = 1  # a part no code of six digits can tell apart
    PART = 2
    WHOLE = 3


class ScopeKind(IntEnum):
    """The three values that must never be mixed, and codes."""

    ALL = 0
    NO_GOODS = 1
    CODES = 2


@dataclass(frozen=True)
class HsScope:
    """What a rule says about goods: `codes` (ranges written out) and the names of `lists` nobody has filled in here."""

    kind: ScopeKind
    codes: frozenset[str] = frozenset()
    lists: tuple[str, ...] = ()
    lengths: tuple[int, ...] = ()  # of the codes
    heads: frozenset[str] = frozenset()  # all that is wider than a code


def parse(tokens: Sequence[str]) -> HsScope:
    """The scope written as tokens of a table cell.

    >>> sorted(parse(["72-74", "2701"]).codes)
    ['2701', '72', '73', '74']
    """
    if list(tokens) == ["ALL"]:
        return HsScope(ScopeKind.ALL)
    if list(tokens) == ["NONE"]:
        return HsScope(ScopeKind.NO_GOODS)
    codes: set[str] = set()
    lists: list[str] = []
    for token in tokens:
        if token.startswith("list:"):
            lists.append(token.removeprefix("list:"))
        elif "-" in token:
            first, last = token.split("-")
            codes.update(f"{c:0{len(first)}d}" for c in range(int(first), int(last) + 1))
        else:
            codes.add(token)
    heads = frozenset(c[:n] for c in codes for n in range(len(c)))
    return HsScope(ScopeKind.CODES, frozenset(codes), tuple(lists), tuple(sorted({len(c) for c in codes})), heads)


def normalise(text: str) -> str:
    """A code as typed, without dots and blanks; ValueError where it is none.

    >>> normalise("27.01"), normalise("7")
    ('2701', '07')
    """
    code = re.sub(r"[ .]", "", text).upper()
    code = code.zfill(2) if code.isdigit() else code
    if not CODE.fullmatch(code):
        raise ValueError(f"'{text}' is not an HS code of 2 to 10 digits")
    return code


def shared(scope: HsScope, code: str) -> frozenset[str]:
    """The goods in both: the longer of each matching pair; the code itself where the scope is all goods."""
    if scope.kind is not ScopeKind.CODES or _within(scope, code):
        return frozenset({code})
    return frozenset(c for c in scope.codes if c.startswith(code)) if code in scope.heads else frozenset()


def _within(scope: HsScope, code: str) -> bool:
    """Whether a code of the scope covers the whole of a code."""
    return any(code[:n] in scope.codes for n in scope.lengths)


def cover(scope: HsScope, code: str) -> Cover:
    """How much of the goods of a code the scope covers; a blank code stands for goods not named.

    A list nobody has filled in covers nothing: it is never matched silently.

    >>> coal = parse(["2701", "2704"])
    >>> cover(coal, "270112").name, cover(coal, "27").name, cover(coal, "1001").name
    ('WHOLE', 'PART', 'NOTHING')
    >>> cover(parse(["27101921"]), "2710").name
    'NAMED_PART'
    """
    if scope.kind is not ScopeKind.CODES:
        return Cover.WHOLE
    if _within(scope, code):
        return Cover.WHOLE
    if code not in scope.heads:
        return Cover.NOTHING
    parts = (c for c in scope.codes if c.startswith(code))
    return Cover.PART if any(c.isdigit() and len(c) <= COMMON_DIGITS for c in parts) else Cover.NAMED_PART


def contains(scope: HsScope, goods: frozenset[str]) -> bool:
    """Whether the scope covers the whole of some goods.

    >>> contains(parse(["2701"]), frozenset({"270112"})), contains(parse(["2701"]), frozenset({"27"}))
    (True, False)
    """
    if scope.kind is not ScopeKind.CODES:
        return True
    return all(_within(scope, g) for g in goods)
