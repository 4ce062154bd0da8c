"""Tells receivers of changes: signed, in order, again and again until they take them; what they refuse is put aside."""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from cti.domain.changes import EVENT_NAMES, Published
from cti.domain.errors import QuestionRefused, Unknown
from cti.domain.webhooks import Answer, Webhook, gives_up, pause_after
from cti.ports import Changes, Clock, Messenger, PutAside, PutAsidePage, Webhooks

log = logging.getLogger(__name__)

NOTE_EVERY = 20
"""Changes told until the cursor is written; after a crash so many may be told twice."""
UNREAD = "changes could not be read; it goes on after a restart or a replay"
"""What stands beside a receiver that is told nothing any more."""
MOST = 50
"""Receivers of an installation."""


class WebhookDesk:
    """One task a receiver: a slow one holds up nobody else."""

    def __init__(
        self,
        store: Webhooks,
        messenger: Messenger,
        changes: Changes,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store, self._messenger, self._changes, self._clock, self._sleep = (
            store,
            messenger,
            changes,
            clock,
            sleep,
        )
        self.results: Counter[str] = Counter()
        self.problems: dict[str, str] = {}  # by receiver: why it is behind
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._looked_after: asyncio.TaskGroup | None = None

    # what administrators ask for

    async def all(self) -> Sequence[Webhook]:
        return await self._store.all()

    async def add(self, name: str, url: str, events: Sequence[str]) -> Webhook:
        """A receiver that is told what happens from now on; its secret is shown this once. Raises QuestionRefused."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
            raise QuestionRefused(
                "`url` is an address such as https://crm.example/hook, without a user in it."
            )
        unknown = sorted(set(events) - EVENT_NAMES)
        if unknown:
            raise QuestionRefused(f"`events`: {', '.join(unknown)} is none; the glossary lists them.")
        if len(await self._store.all()) >= MOST:
            raise QuestionRefused(f"there are {MOST} webhooks; remove one first.")
        webhook = Webhook(
            secrets.token_hex(6), name, url, frozenset(events), secrets.token_urlsafe(32), active=True
        )
        await self._changes.advance(reader(webhook.id), self._changes.last)
        await self._store.save(webhook)
        self._begin(webhook)
        return webhook

    async def remove(self, webhook: str) -> None:
        await self._known(webhook)
        await self._stop(webhook)
        await self._store.remove(webhook)
        await self._changes.forget(reader(webhook))

    async def replay(self, webhook: str, after: int) -> None:
        """Tell it everything behind a sequence number again, and wake it if it had gone."""
        known = (await self._known(webhook))._replace(active=True)
        await self._stop(webhook)
        await self._changes.advance(reader(webhook), max(0, min(after, self._changes.last)))
        await self._store.save(known)
        self._begin(known)

    async def put_aside(self, webhook: str, limit: int, offset: int) -> PutAsidePage:
        await self._known(webhook)
        return await self._store.all_put_aside(webhook, limit, offset)

    async def behind(self, webhook: str) -> int:
        """Changes it has not been told yet."""
        return max(0, self._changes.last - (await self._changes.cursor(reader(webhook)) or 0))

    async def _known(self, webhook: str) -> Webhook:
        for known in await self._store.all():
            if known.id == webhook:
                return known
        raise Unknown(f"webhook {webhook}")

    # the work

    async def run(self) -> None:
        """Tell all receivers until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._looked_after = tasks
            for webhook in await self._store.all():
                self._begin(webhook)
            await asyncio.Event().wait()

    def _begin(self, webhook: Webhook) -> None:
        if self._looked_after is not None and webhook.active:
            self._tasks[webhook.id] = self._looked_after.create_task(self._serve(webhook))

    async def _stop(self, webhook: str) -> None:
        task = self._tasks.pop(webhook, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _serve(self, webhook: Webhook) -> None:
        try:
            told = noted = await self._changes.cursor(reader(webhook.id)) or 0
            async for some in self._changes.follow(told):
                for change in some:
                    if webhook.wants(change.event) and not await self._tell(webhook, change):
                        return
                    told = change.sequence
                    if told >= noted + NOTE_EVERY:
                        await self._changes.advance(reader(webhook.id), told)
                        noted = told
                await self._changes.advance(reader(webhook.id), told)
                noted = told
        except Exception as error:
            log.exception("a webhook's %s", UNREAD)
            self.problems[webhook.id] = f"{UNREAD} ({type(error).__name__})"

    async def _tell(self, webhook: Webhook, change: Published) -> bool:
        """Until it is taken or put aside; False when the receiver is gone for good."""
        attempts, began = 0, self._clock.now()
        while True:
            now = self._clock.now()
            answer, problem = await self._messenger.deliver(webhook, change, int(now))
            self.results[answer.value] += 1
            if answer is Answer.TAKEN:
                self.problems.pop(webhook.id, None)
                return True
            self.problems[webhook.id] = problem
            if answer is Answer.GONE:
                await self._store.deactivate(webhook.id)
                return False
            attempts += 1
            if gives_up(answer, attempts, self._clock.now() - began):
                self.results["put_aside"] += 1
                given = PutAside(webhook.id, change.sequence, now, attempts, problem, change.text.decode())
                await self._store.put_aside(given)
                return True
            await self._sleep(pause_after(attempts))


def reader(webhook: str) -> str:
    """Its name among the outbox's readers."""
    return f"webhook {webhook}"
