"""The key figures over HTTP."""

import math
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from cti.domain.access import Guard, Permission, User, Visible, everybody
from cti.domain.errors import QuestionRefused
from cti.domain.kpi import SERVICE_LEVELS
from cti.domain.sheets import Grouping, View
from cti.service.kpi_desk import KpiDesk


class Interval(StrEnum):
    QUARTER = "900"
    HOUR = "3600"
    DAY = "86400"
    NONE = "none"


class ServiceLevel(BaseModel):
    formula: str
    threshold_seconds: float | None
    value: float | None


class KpiItem(BaseModel):
    """Figures of one interval and group. Rates are 0 to 1, null where there was nothing to measure."""

    since: float = Field(alias="from")
    until: float
    group: str | None
    provisional: bool
    offered: int
    answered: int
    abandoned: int
    short_abandoned: int
    flow_out: int
    blocked: int
    lost: int
    open: int
    answer_rate: float | None
    net_answer_rate: float | None
    abandon_rate: float | None
    service_level: ServiceLevel
    service_levels: dict[str, float | None]
    asa_seconds: float | None
    time_to_abandon_seconds: float | None
    handled: int
    talk_seconds: float
    hold_seconds: float
    wrap_up_seconds: float
    aht_seconds: float | None
    transfer_rate: float | None
    outbound_handled: int
    outbound_aht_seconds: float | None
    occupancy: float | None
    agent_answer_rate: float | None


class SwitchMark(BaseModel):
    pbx: str
    ledger: bool
    verified_until: float | None
    gap_since: float | None


class KpiReport(BaseModel):
    items: list[KpiItem]
    total: int
    since: float = Field(alias="from")
    until: float
    interval: int | None
    group_by: Grouping
    view: View
    formula: str
    formulas: dict[str, str]
    version: str
    policy_versions: list[str]
    ledger: bool = Field(description="there is a ledger to hold the records against")
    verified_until: float | None = Field(description="visits that ended before agree with the ledger")
    gap_since: float | None = Field(description="since when something may be missing; null: nothing")
    switches: list[SwitchMark]


def instant(name: str, text: str | None, zone: tzinfo) -> float | None:
    """Seconds since 1970, or an ISO-8601 time; without an offset it is the site's own. Raises QuestionRefused."""
    if text is None:
        return None
    wanted = f"`{name}` is a time: seconds since 1970, or as 2026-11-22T09:00:00+08:00."
    try:
        at = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        except ValueError:
            raise QuestionRefused(wanted) from None
        at = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    if not (math.isfinite(at) and 0 <= at < 32_503_680_000):
        raise QuestionRefused(wanted)
    return at


def routes(desk: KpiDesk, guard: Guard, visible: Visible = everybody) -> APIRouter:
    may_see = guard(Permission.SEE_FLOOR)
    router = APIRouter(prefix="/kpi", tags=["kpi"], dependencies=[Depends(may_see)])

    @router.get("", response_model=KpiReport)
    async def kpi(
        user: Annotated[User, Depends(may_see)],
        since: Annotated[str | None, Query(alias="from", max_length=40)] = None,
        until: Annotated[str | None, Query(max_length=40)] = None,
        interval: Interval = Interval.NONE,
        group_by: Grouping = Grouping.NONE,
        view: View = View.BY_ARRIVAL,
        formula: Annotated[str | None, Query(max_length=40, description=", ".join(SERVICE_LEVELS))] = None,
    ) -> Any:
        """Answer rate, service level, handle time and the rest; by default today so far, as one interval."""
        report = await desk.report(
            instant("from", since, desk.zone),
            instant("until", until, desk.zone),
            None if interval is Interval.NONE else int(interval),
            group_by,
            view,
            formula,
        )
        seen = visible(user) if group_by is Grouping.AGENT else None
        if seen is not None:
            items = [item for item in report["items"] if item["group"] in seen]
            report = {**report, "items": items, "total": len(items)}
        return Response(orjson.dumps(report), media_type="application/json")

    return router
