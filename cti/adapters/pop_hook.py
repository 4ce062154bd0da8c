"""Asks a site's own program, over HTTP, at every ring. Nobody waits for it: the pop stands on the screen meanwhile."""

import asyncio
import logging
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from cti.domain.identifiers import AgentId
from cti.domain.pop_hooks import LONGEST_SECONDS, Hook, Offer, offer, question
from cti.domain.webhooks import signature
from cti.ports import Clock

if TYPE_CHECKING:  # imported with the first question: a start has no time for it
    import httpx

log = logging.getLogger(__name__)

WORKERS = 8
MOST_WAITING = 1000
"""Questions; beyond it the oldest go."""
STALE_SECONDS = 20.0
"""A question that waited for so long behind others is about a phone that rings no more."""
LARGEST_ANSWER = 16_384
REMEMBERED = 4096


class PopHook:
    """A desktop of pops: each ring is told once, as soon as it is known who calls. Nothing is tried again."""

    def __init__(
        self,
        hook: Callable[[], Hook | None],
        tell: Callable[[AgentId, Mapping[str, Any]], None],
        clock: Clock,
        version: str,
    ) -> None:
        """`tell` brings a frame to an agent's pages."""
        self._hook, self._tell, self._clock = hook, tell, clock
        self._program = f"Tierline/{version}"
        self._waiting: deque[tuple[AgentId, Mapping[str, Any]]] = deque()
        self._told: OrderedDict[tuple[str, float], None] = OrderedDict()
        self._arrived = asyncio.Event()
        self._made: httpx.AsyncClient | None = None
        self.results: Counter[str] = Counter()

    def show(self, agent: AgentId, pop: Mapping[str, Any]) -> None:
        ring = pop["id"], pop["at"]
        if pop["state"] != "ringing" or not pop["known"] or ring in self._told or self._hook() is None:
            return
        self._told[ring] = None
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.results["dropped"] += 1
        self._waiting.append((agent, pop))
        self._arrived.set()

    def state(self, agent: AgentId, state: Mapping[str, Any]) -> None:
        """Not its business."""

    async def run(self) -> None:
        """Ask until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(WORKERS):
                tasks.create_task(self._work())

    async def _work(self) -> None:
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            agent, pop = self._waiting.popleft()
            hook = self._hook()
            if hook is None or self._clock.now() - pop["at"] > STALE_SECONDS:
                self.results["dropped"] += 1
                continue
            found = await self._ask(hook, pop)
            self.results[found.result] += 1
            if found.url is not None:
                frame = {"type": "pop_action", "pop": pop["id"], "at": pop["at"], "url": found.url}
                self._tell(agent, frame)

    async def _ask(self, hook: Hook, pop: Mapping[str, Any]) -> Offer:
        """Every way in which it may fail has a word of its own; none of them says who called."""
        import httpx

        body = orjson.dumps(question(pop))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": self._program,
            "Tierline-Signature": signature(hook.secret, int(self._clock.now()), body),
        }
        try:
            async with (
                asyncio.timeout(hook.seconds),
                self._client.stream("POST", hook.url, content=body, headers=headers) as answer,
            ):
                if not 200 <= answer.status_code < 300:
                    return Offer("refused")
                return await _read(answer)
        except (TimeoutError, httpx.TimeoutException):
            return Offer("timed_out")
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            return Offer("unreachable")
        except Exception:
            log.exception("a program could not be asked at a ring")
            return Offer("unreachable")

    @property
    def _client(self) -> "httpx.AsyncClient":
        import httpx

        if self._made is None:
            self._made = httpx.AsyncClient(timeout=LONGEST_SECONDS, follow_redirects=False, trust_env=False)
        return self._made

    async def close(self) -> None:
        if self._made is not None:
            await self._made.aclose()


async def _read(answer: "httpx.Response") -> Offer:
    told = b""
    async for part in answer.aiter_bytes():
        told += part
        if len(told) > LARGEST_ANSWER:
            return Offer("bad_answer")
    if not told:
        return Offer("none")
    try:
        return offer(orjson.loads(told))
    except orjson.JSONDecodeError:
        return Offer("bad_answer")
