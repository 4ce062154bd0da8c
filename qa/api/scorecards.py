"""Writing scorecards over HTTP: drafts, what is wrong with them, publishing, and cards as YAML."""

from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from cti.domain.access import Audit, Guard, Permission, User
from cti.domain.identifiers import QueueName
from qa.api.reviews import (
    NO_NUL,
    AnswersForm,
    AnswerValue,
    ScorecardView,
    ScoreView,
    score_view,
    scorecard_view,
)
from qa.domain.publishing import LONGEST_NOTE, Draft, Publication
from qa.domain.scorecard import (
    LONGEST_WORDS,
    MOST_ITEMS,
    MOST_SECTIONS,
    Condition,
    CriticalKind,
    Item,
    ItemId,
    ItemKind,
    Scorecard,
    ScorecardId,
    Section,
    SectionId,
    Words,
    one_line,
)
from qa.domain.scoring import check, score
from qa.service.scorecard_desk import ScorecardDesk

LARGEST_TEXT = 256_000
Version = Annotated[int | None, Query(ge=1, le=1_000_000)]
Name = Annotated[str, Field(max_length=50, pattern=NO_NUL)]
Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
OneText = Annotated[str, Field(max_length=LONGEST_WORDS, pattern=NO_NUL)]


class WordsForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    en: OneText
    zh: OneText

    def words(self) -> Words:
        return Words(one_line(self.en), one_line(self.zh))


class ConditionForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    item: Name
    values: Annotated[list[AnswerValue], Field(max_length=8)]


class ItemForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: Name
    text: WordsForm
    kind: ItemKind
    critical: CriticalKind | None = None
    weight: Weight = 0
    anchors: Annotated[list[WordsForm], Field(max_length=5)] = []
    help: WordsForm | None = None
    comment_when: Annotated[list[AnswerValue], Field(max_length=8)] = []
    shown_when: ConditionForm | None = None

    def item(self) -> Item:
        return Item(
            id=ItemId(one_line(self.id)),
            text=self.text.words(),
            kind=self.kind,
            weight=_exact(self.weight),
            critical=self.critical,
            anchors=tuple(anchor.words() for anchor in self.anchors),
            help=None if self.help is None else self.help.words(),
            comment_when=frozenset(self.comment_when),
            shown_when=(
                None
                if self.shown_when is None
                else Condition(ItemId(one_line(self.shown_when.item)), frozenset(self.shown_when.values))
            ),
        )


class SectionForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: Name
    title: WordsForm
    weight: Weight
    items: Annotated[list[ItemForm], Field(max_length=MOST_ITEMS)]


class ScorecardForm(BaseModel):
    """A scorecard that may still have faults. Its version is that from which it was begun."""

    model_config = ConfigDict(extra="forbid")
    id: Name
    version: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    title: WordsForm
    pass_mark: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
    queues: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=128, pattern=NO_NUL)]] | None,
        Field(max_length=200),
    ] = None
    sections: Annotated[list[SectionForm], Field(max_length=MOST_SECTIONS)]

    def card(self) -> Scorecard:
        return Scorecard(
            id=ScorecardId(one_line(self.id)),
            version=self.version,
            title=self.title.words(),
            pass_mark=_exact(self.pass_mark),
            queues=frozenset(QueueName(one_line(queue)) for queue in self.queues or ()) - {""} or None,
            sections=tuple(
                Section(
                    SectionId(one_line(section.id)),
                    section.title.words(),
                    _exact(section.weight),
                    tuple(item.item() for item in section.items),
                )
                for section in self.sections
            ),
        )


class FaultView(BaseModel):
    """`place` counts as people do: sections.1.items.3.weight."""

    place: str
    sentence: str


class DraftForm(BaseModel):
    """`revision` is the one that was changed; 0 begins a draft."""

    model_config = ConfigDict(extra="forbid")
    card: ScorecardForm
    revision: Annotated[int, Field(ge=0, le=1_000_000_000)]


class DraftView(BaseModel):
    card: ScorecardView
    author: str
    saved_at: float
    revision: int
    faults: list[FaultView]


class DraftsView(BaseModel):
    items: list[DraftView]
    total: int


class CardVersionView(BaseModel):
    """`published_at` is null of a version from a file. New reviews are made by the one `in_force`."""

    version: int
    published_at: float | None
    published_by: str
    note: str
    withdrawn_at: float | None
    in_force: bool


class CardVersionsView(BaseModel):
    items: list[CardVersionView]
    total: int


class Publishing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    revision: Annotated[int, Field(ge=1)]
    note: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE, pattern=NO_NUL)]


class CardText(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, Field(max_length=LARGEST_TEXT)]


class CheckedView(BaseModel):
    """A card and all that keeps it from being published."""

    card: ScorecardView
    faults: list[FaultView]


class TrialForm(AnswersForm):
    """Answers as a reviewer would give them, to a card that is being written."""

    card: ScorecardForm


class TrialView(BaseModel):
    """`asked`: the items whose conditions hold; `score` is null while the card has faults."""

    faults: list[FaultView]
    asked: list[str]
    score: ScoreView | None


def routes(desk: ScorecardDesk, guard: Guard, audit: Audit) -> APIRouter:
    router = APIRouter(tags=["quality"])
    _texts(router, desk, guard)
    _drafts(router, desk, guard)
    _publishing(router, desk, guard, audit)
    return router


def _texts(router: APIRouter, desk: ScorecardDesk, guard: Guard) -> None:
    may_review, may_edit = Depends(guard(Permission.REVIEW)), Depends(guard(Permission.EDIT_SCORECARDS))

    @router.get("/scorecards/{scorecard_id}/versions", dependencies=[may_review])
    async def card_versions(scorecard_id: str) -> CardVersionsView:
        found = await desk.versions(ScorecardId(scorecard_id))
        items = [_version(one, in_force=serves) for one, serves in found]
        return CardVersionsView(items=items, total=len(items))

    @router.get(
        "/scorecards/{scorecard_id}/export",
        dependencies=[may_review],
        response_class=Response,
        responses={200: {"content": {"application/yaml": {"schema": {"type": "string"}}}}},
    )
    async def export_card(scorecard_id: str, version: Version = None) -> Response:
        text = desk.text(ScorecardId(scorecard_id), version)
        name = f'attachment; filename="{scorecard_id}.yaml"'  # a card that exists has a plain name
        return Response(text, media_type="application/yaml", headers={"Content-Disposition": name})

    @router.post("/scorecards/read", dependencies=[may_edit])
    async def read_card(given: CardText) -> CheckedView:
        """What a YAML text says, for the editor to go on with. Nothing is kept."""
        card = await desk.read(given.text)
        return CheckedView(card=scorecard_view(card), faults=_faults(desk, card))

    @router.post("/scorecards/try", dependencies=[may_edit])
    async def try_card(given: TrialForm) -> TrialView:
        """What these answers would come to by this card. Nothing is kept."""
        card, answers = given.card.card(), given.by_item()
        faults = _faults(desk, card)
        asked = sorted(card.asked({id_: answer.value for id_, answer in answers.items()}))
        if faults:
            return TrialView(faults=faults, asked=list(asked), score=None)
        check(card, answers, 0.0, complete=False)
        return TrialView(faults=[], asked=list(asked), score=score_view(score(card, answers)))


def _drafts(router: APIRouter, desk: ScorecardDesk, guard: Guard) -> None:
    Editor = Annotated[User, Depends(guard(Permission.EDIT_SCORECARDS))]  # noqa: N806  a type, as FastAPI reads it

    @router.get("/scorecard-drafts")
    async def drafts(_: Editor) -> DraftsView:
        items = [_draft(desk, one) for one in await desk.drafts()]
        return DraftsView(items=items, total=len(items))

    @router.get("/scorecard-drafts/{scorecard_id}")
    async def draft(scorecard_id: str, _: Editor) -> DraftView:
        return _draft(desk, await desk.draft(ScorecardId(scorecard_id)))

    @router.put("/scorecard-drafts")
    async def save_draft(given: DraftForm, user: Editor) -> DraftView:
        return _draft(desk, await desk.save(user, given.card.card(), given.revision))

    @router.delete("/scorecard-drafts/{scorecard_id}", status_code=204)
    async def drop_draft(scorecard_id: str, _: Editor) -> None:
        await desk.drop(ScorecardId(scorecard_id))


def _publishing(router: APIRouter, desk: ScorecardDesk, guard: Guard, audit: Audit) -> None:
    Editor = Annotated[User, Depends(guard(Permission.EDIT_SCORECARDS))]  # noqa: N806  a type, as FastAPI reads it

    @router.post("/scorecard-drafts/{scorecard_id}/publish", status_code=201)
    async def publish(scorecard_id: str, given: Publishing, user: Editor) -> CardVersionView:
        card = await desk.ready(user, ScorecardId(scorecard_id), given.revision)
        await audit(user, "scorecards.publish", f"{card.id} version {card.version}: {given.note}")
        return _version(await desk.publish(user, card, given.revision, given.note), in_force=True)

    @router.post("/scorecards/{scorecard_id}/withdraw", status_code=204)
    async def withdraw(scorecard_id: str, user: Editor) -> None:
        await desk.withdraw(user, ScorecardId(scorecard_id))


def _faults(desk: ScorecardDesk, card: Scorecard) -> list[FaultView]:
    return [FaultView(place=fault.place, sentence=fault.sentence) for fault in desk.faults(card)]


def _draft(desk: ScorecardDesk, draft: Draft) -> DraftView:
    return DraftView(
        card=scorecard_view(draft.card),
        author=draft.author,
        saved_at=draft.saved_at,
        revision=draft.revision,
        faults=_faults(desk, draft.card),
    )


def _version(publication: Publication, *, in_force: bool) -> CardVersionView:
    told = publication._asdict()
    del told["card"]
    return CardVersionView(version=publication.card.version, in_force=in_force, **told)


def _exact(number: float) -> Fraction:
    """As it was typed, to four decimals: 33.3 is 333/10."""
    return Fraction(str(round(number, 4)))
