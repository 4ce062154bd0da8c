"""Quality reports over HTTP: as figures, and as files."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from cti.domain.access import Audit, Guard, Permission, User
from cti.domain.identifiers import AgentId, Tier
from qa.api.report_schedules import Language, scheduling
from qa.api.reviews import NO_NUL, WordsView
from qa.domain.report import FEWEST, Basis, Breakdown, Figure, ItemLine, Line, Report, ReportFilter, Span
from qa.domain.report_schedule import Format
from qa.ports import Clock, ReportWriter
from qa.service.report_desk import Question, ReportDesk
from qa.service.report_post import MEDIA_TYPES, ReportPost

DEFAULT_SECONDS = 30 * 86_400.0

Moment = Annotated[float | None, Query(ge=0, le=4e9, allow_inf_nan=False)]
Name = Annotated[str | None, Query(max_length=128, pattern=NO_NUL)]


class FigureView(BaseModel):
    """A share (0 to 1) or a mean with its 95 % interval; null of fewer than `fewest` calls."""

    n: int
    value: float | None
    low: float | None
    high: float | None


class ReportLineView(BaseModel):
    """`label`: the group as people call it; both are null for calls that belong to none."""

    since: float = Field(alias="from")
    until: float
    group: str | None
    label: str | None
    calls: int
    customer: FigureView
    business: FigureView
    compliance: FigureView
    passed: FigureView
    score: FigureView


class QuestionLineView(BaseModel):
    """`text` is null for a question that is in no scorecard of today."""

    since: float = Field(alias="from")
    until: float
    scorecard: str
    item: str
    text: WordsView | None
    answers: int
    not_applicable: int
    reached: FigureView


class ReportView(BaseModel):
    """Three accuracies and the weighted score, kept apart; `beyond` older reviews were too many to be counted.

    `basis`: what it stands on. `drawn`: how many calls that draw chose, scored by now or not; null of `all`, which no draw chose.
    """

    since: float = Field(alias="from")
    until: float
    basis: Basis
    drawn: int | None
    fewest: int
    calls: int
    beyond: int
    whole: ReportLineView
    items: list[ReportLineView]
    total: int
    questions: list[QuestionLineView]
    question_steps: list[QuestionLineView]


class Asking:
    """The query that both forms of a report share."""

    def __init__(
        self,
        since: Annotated[float | None, Query(alias="from", ge=0, le=4e9, allow_inf_nan=False)] = None,
        until: Moment = None,
        interval: Span = Span.NONE,
        group_by: Breakdown = Breakdown.NONE,
        queue: Name = None,
        agent: Name = None,
        tier: Tier | None = None,
        team: Name = None,
        scorecard: Name = None,
        basis: Basis = Basis.RANDOM,
    ) -> None:
        self._since, self._until, self._span, self._grouping = since, until, interval, group_by
        self._wanted = ReportFilter(
            queue or None, agent or None, tier, team or None, scorecard or None, basis
        )

    def question(self, now: float) -> Question:
        """Of the last thirty days when no period is named."""
        until = now if self._until is None else self._until
        since = until - DEFAULT_SECONDS if self._since is None else self._since
        return Question(since, until, self._span, self._grouping, self._wanted)


NameOf = Callable[[AgentId], str]


def routes(
    desk: ReportDesk,
    writer: ReportWriter,
    post: ReportPost,
    guard: Guard,
    audit: Audit,
    name_of: NameOf,
    clock: Clock,
) -> APIRouter:
    router = APIRouter(prefix="/quality", tags=["quality"])
    _figures(router, desk, writer, guard, audit, name_of, clock)
    scheduling(router, post, guard, audit)
    return router


def _figures(
    router: APIRouter,
    desk: ReportDesk,
    writer: ReportWriter,
    guard: Guard,
    audit: Audit,
    name_of: NameOf,
    clock: Clock,
) -> None:
    Reviewer = Annotated[User, Depends(guard(Permission.REVIEW))]  # noqa: N806  a type, as FastAPI reads it

    @router.get("/reports")
    async def report(user: Reviewer, asking: Annotated[Asking, Depends()]) -> ReportView:
        question = asking.question(clock.now())
        return _report(await desk.report(user, question), question.grouping, desk, name_of)

    @router.get(
        "/reports/file",
        response_class=Response,
        responses={200: {"content": {media: {} for media in MEDIA_TYPES.values()}}},
    )
    async def report_file(
        user: Reviewer,
        asking: Annotated[Asking, Depends()],
        format_: Annotated[Format, Query(alias="format")],
        language: Language = "en",
    ) -> Response:
        question = asking.question(clock.now())
        document = await desk.document(user, question, language)
        await audit(user, "quality.report_file", f"{format_.value} by {question.grouping.value}")
        content = await writer.write(document, format_)
        name = f'attachment; filename="quality-report.{format_.value}"'
        return Response(content, media_type=MEDIA_TYPES[format_], headers={"Content-Disposition": name})


def _report(report: Report, grouping: Breakdown, desk: ReportDesk, name_of: NameOf) -> ReportView:
    def label(group: str | None) -> str | None:
        return name_of(AgentId(group)) if grouping is Breakdown.AGENT and group is not None else group

    lines = [_line(line, label(line.group)) for line in report.lines]
    return ReportView(
        **{"from": report.since},
        until=report.until,
        basis=report.basis,
        drawn=report.drawn,
        fewest=FEWEST,
        calls=report.calls,
        beyond=report.beyond,
        whole=_line(report.whole, None),
        items=lines,
        total=len(lines),
        questions=[_item(line, desk) for line in report.items],
        question_steps=[_item(line, desk) for line in report.item_steps],
    )


def _line(line: Line, label: str | None) -> ReportLineView:
    told: dict[str, Any] = {
        name: _figure(value) if isinstance(value, Figure) else value for name, value in line._asdict().items()
    }
    return ReportLineView(**{"from": told.pop("since")}, label=label, **told)


def _item(line: ItemLine, desk: ReportDesk) -> QuestionLineView:
    told: dict[str, Any] = line._asdict() | {"reached": _figure(line.reached)}
    words = desk.words_of(line)
    text = None if words is None else WordsView(**words._asdict())
    return QuestionLineView(**{"from": told.pop("since")}, text=text, **told)


def _figure(figure: Figure) -> FigureView:
    return FigureView(**figure._asdict())
