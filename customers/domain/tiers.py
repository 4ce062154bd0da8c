"""What we owe a customer of each tier. The numbers are an owner's decision; these are the ones to begin with."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from cti.domain.identifiers import Tier


class TierPolicy(NamedTuple):
    """`credit_seconds` None: always before the tiers without this right (strict)."""

    tier: Tier
    name: Mapping[str, str]  # by language
    credit_seconds: int | None
    service_level_target: float  # share to be answered …
    service_level_seconds: int  # … within
    callback_due_seconds: int
    complaint_update_seconds: int
    recovery_authority: int  # what an agent may give away to put something right, in the house's currency
    visits_a_year: int
    review_share: float  # least share of reviewed calls
    named_owner: bool


HOUR: Final = 3600
DEFAULT_TIERS: Final[tuple[TierPolicy, ...]] = (
    TierPolicy(
        Tier.PLATINUM,
        {"en": "Platinum", "zh": "铂金"},
        600,
        0.90,
        10,
        HOUR,
        HOUR,
        200,
        4,
        0.15,
        named_owner=True,
    ),
    TierPolicy(
        Tier.GOLD,
        {"en": "Gold", "zh": "黄金"},
        300,
        0.85,
        20,
        2 * HOUR,
        2 * HOUR,
        100,
        1,
        0.15,
        named_owner=False,
    ),
    TierPolicy(
        Tier.IRON,
        {"en": "Iron", "zh": "钢铁"},
        0,
        0.80,
        20,
        4 * HOUR,
        4 * HOUR,
        50,
        0,
        0.40,
        named_owner=False,
    ),
    TierPolicy(
        Tier.LEAD,
        {"en": "Lead", "zh": "重铅"},
        0,
        0.70,
        30,
        4 * HOUR,
        8 * HOUR,
        20,
        0,
        0.10,
        named_owner=False,
    ),
)


def with_credits(credit_by_tier: Mapping[Tier, int | None]) -> tuple[TierPolicy, ...]:
    """The default table with the credits routing works by."""
    return tuple(
        policy._replace(credit_seconds=credit_by_tier.get(policy.tier, policy.credit_seconds))
        for policy in DEFAULT_TIERS
    )
