"""How far the numbers are proven: the mark beside every figure."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from cti.domain.identifiers import PbxName

MINUTE = 60.0


class Verification(NamedTuple):
    """Of one switch. `verified_until`: every visit that ended before agrees with the ledger, or was repaired."""

    pbx: PbxName
    ledger: bool  # there is one to be held against
    verified_until: float | None
    gap_since: float | None


def verified(
    pbx: PbxName,
    *,
    has_ledger: bool,
    read_until: float | None,
    settle_seconds: float,
    looked_through: float | None,
    waiting_since: float | None,
    drifting_since: float | None,
    gap_since: float | None,
) -> Verification:
    """The latest moment before which nothing is open: neither a visit to compare, nor a difference, nor a gap."""
    if not has_ledger or read_until is None or looked_through is None:
        return Verification(pbx, has_ledger, None, gap_since)
    bounds = (read_until - settle_seconds, looked_through, waiting_since, drifting_since, gap_since)
    return Verification(pbx, has_ledger, min(at for at in bounds if at is not None), gap_since)


def mark(switches: Iterable[Verification]) -> dict[str, Any]:
    """Of all switches together, and one by one: as far as the slowest, to the minute, since the oldest gap."""
    told = list(switches)
    untils = [one.verified_until for one in told]
    gaps = [one.gap_since for one in told if one.gap_since is not None]
    return {
        "verified_until": None if not untils or None in untils else _whole(min(filter(None, untils))),
        "gap_since": min(gaps, default=None),
        "ledger": any(one.ledger for one in told),
        "switches": [
            {
                "pbx": one.pbx,
                "ledger": one.ledger,
                "verified_until": _whole(one.verified_until),
                "gap_since": one.gap_since,
            }
            for one in told
        ],
    }


def _whole(at: float | None) -> float | None:
    """To the minute: a mark that changed every second would make every screen draw every second."""
    return None if at is None else math.floor(at / MINUTE) * MINUTE
