"""Customers over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from cti.domain.access import Guard, Permission, User
from cti.domain.identifiers import CustomerId, Tier
from customers.domain.customer import Customer, TimelineLine
from customers.domain.errors import FieldRefused, UnknownCustomer
from customers.domain.tiers import TierPolicy
from customers.service.desk import CustomerDesk, CustomerFields

LARGEST_UPLOAD = 32 * 1024 * 1024


class CustomerView(BaseModel):
    id: str
    name: str
    company: str
    tier: Tier
    tier_source: str
    numbers: list[str]
    language: str
    owner: str | None
    note: str
    value_note: str
    created_at: float


class CustomersView(BaseModel):
    items: list[CustomerView]
    total: int


class TimelineView(BaseModel):
    items: list[dict[str, Any]]
    total: int


class TierView(BaseModel):
    """`credit_seconds` null: always first (strict)."""

    tier: Tier
    name: dict[str, str]
    credit_seconds: int | None
    service_level_target: float
    service_level_seconds: int
    callback_due_seconds: int
    complaint_update_seconds: int
    recovery_authority: int
    visits_a_year: int
    review_share: float
    named_owner: bool


class TiersView(BaseModel):
    items: list[TierView]
    total: int


class CustomerForm(BaseModel):
    """What is left out stays as it is. `reason` explains a change of tier."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = None
    company: str | None = None
    tier: Tier | None = None
    numbers: list[str] | None = Field(default=None, max_length=20)
    language: str | None = None
    owner: str | None = None
    note: str | None = None
    value_note: str | None = None
    reason: str = Field(default="", max_length=1000)

    def fields(self) -> CustomerFields:
        told = self.model_dump(exclude={"reason", "numbers"})
        return CustomerFields(**told, numbers=None if self.numbers is None else tuple(self.numbers))


class ImportView(BaseModel):
    added: int
    changed: int
    unchanged: int


def routes(desk: CustomerDesk, guard: Guard) -> APIRouter:
    router = APIRouter(tags=["customers"])
    _reading(router, desk, guard)
    _writing(router, desk, guard)
    return router


def _reading(router: APIRouter, desk: CustomerDesk, guard: Guard) -> None:
    may_see = [Depends(guard(Permission.SEE_CUSTOMERS))]

    @router.get("/customers", dependencies=may_see)
    async def customers(
        search: Annotated[str, Query(max_length=100)] = "",
        tier: Tier | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> CustomersView:
        page = await desk.search(search, tier, limit, offset)
        return CustomersView(items=[customer_view(customer) for customer in page.items], total=page.total)

    @router.get("/customers/lookup", dependencies=may_see)
    async def lookup(number: Annotated[str, Query(max_length=100)]) -> CustomerView:
        if (customer := await desk.lookup(number)) is None:
            raise UnknownCustomer
        return customer_view(customer)

    @router.get("/customers/{customer_id}", dependencies=may_see)
    async def one(customer_id: str) -> CustomerView:
        return customer_view(await desk.get(CustomerId(customer_id)))

    @router.get("/customers/{customer_id}/timeline", dependencies=may_see)
    async def timeline(customer_id: str, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> TimelineView:
        items = [timeline_view(line) for line in await desk.timeline(CustomerId(customer_id), limit)]
        return TimelineView(items=items, total=len(items))

    @router.get("/tiers", dependencies=may_see)
    async def tiers() -> TiersView:
        return TiersView(items=[tier_view(policy) for policy in desk.tiers], total=len(desk.tiers))


def _writing(router: APIRouter, desk: CustomerDesk, guard: Guard) -> None:
    editor = Depends(guard(Permission.EDIT_CUSTOMERS))

    @router.post("/customers", status_code=201)
    async def add(form: CustomerForm, user: Annotated[User, editor]) -> CustomerView:
        return customer_view(await desk.add(form.fields(), user.login, form.reason or "added"))

    @router.patch("/customers/{customer_id}")
    async def change(customer_id: str, form: CustomerForm, user: Annotated[User, editor]) -> CustomerView:
        return customer_view(
            await desk.change(CustomerId(customer_id), form.fields(), user.login, form.reason)
        )

    @router.post("/customers/import")
    async def import_file(
        request: Request,
        user: Annotated[User, editor],
        name: Annotated[str, Query(max_length=100)] = "upload.csv",
    ) -> ImportView:
        """The file itself as the body (text/csv). Refused as a whole when any row has a problem."""
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > LARGEST_UPLOAD:
                raise FieldRefused("body: the file is larger than 32 MB; use `cti customers import`.")
        report = await desk.import_bytes(name, bytes(content), user.login)
        return ImportView(**report._asdict())


def customer_view(customer: Customer) -> CustomerView:
    return CustomerView(**customer._asdict() | {"numbers": list(customer.numbers)})


def tier_view(policy: TierPolicy) -> TierView:
    return TierView(**policy._asdict() | {"name": dict(policy.name)})


def timeline_view(line: TimelineLine) -> dict[str, Any]:
    """`kind` is contact or tier; the fields of either follow."""
    if line.contact is not None:
        return {"kind": "contact", **line.contact._asdict()}
    change = line.tier_change
    assert change is not None, "a line of the timeline holds one of the two"  # noqa: S101 - by its type
    return {"kind": "tier", **change._asdict()}
