"""What can be seen of a switch: asked with our two least-privilege accounts, or read from its files beside it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from cti.domain.errors import SwitchRefused
from routing.adapters.asterisk_files import AsteriskFiles, Section, is_true, setting
from routing.domain.preflight import Facts, QueueFacts
from routing.ports import Ask, Clock

Items = Sequence[Mapping[str, str]]
DEFAULT_WRITE_TIMEOUT: Final = 100  # Asterisk's own, in milliseconds
_NO_QUEUE: Final = frozenset({"general"})


class AskedFacts:
    """`ask_events` asks through the listening account; `event_headers` names the headers of the last event heard."""

    def __init__(
        self,
        ask: Ask,
        clock: Clock,
        *,
        ask_events: Ask | None = None,
        event_headers: Callable[[], Collection[str]] | None = None,
        asterisk_etc: Path | None = None,
        accounts: tuple[str, str] = ("cti-events", "cti-actions"),
    ) -> None:
        self._ask, self._clock, self._ask_events = ask, clock, ask_events
        self._event_headers = event_headers
        self._files = None if asterisk_etc is None else AsteriskFiles(asterisk_etc)
        self._accounts = accounts

    async def facts(self) -> Facts:
        """Raises cti's SwitchError when the switch cannot be asked at all."""
        queues = await self._ask("QueueStatus", {})
        core = await self._allowed("CoreSettings", {})
        facts = Facts(
            version=_first(core, "AsteriskVersion"),
            system_name=_first(core, "SystemName") if core else None,
            clock_ahead_seconds=await self._clock_ahead(),
            queues=_queues(queues),
            actions_may=_commands(await self._allowed("ListCommands", {})),
            events_may=None
            if self._ask_events is None
            else _commands(await self._ask_events("ListCommands", {})),
        )
        if self._event_headers is not None and (headers := set(self._event_headers())):
            facts = facts._replace(
                timestamps="Timestamp" in headers, sequence_numbers="SequenceNumber" in headers
            )
        steps = await self._allowed("ShowDialPlan", {})
        if any(step.get("Event") == "ListDialplan" for step in steps):
            facts = _with_dialplan(
                facts, (f"{s.get('Application', '')}({s.get('AppData', '')})" for s in steps)
            )
        return facts if self._files is None else await asyncio.to_thread(self._with_files, facts, self._files)

    async def _allowed(self, action: str, fields: Mapping[str, str]) -> Items:
        try:
            return await self._ask(action, fields)
        except SwitchRefused:
            return []

    async def _clock_ahead(self) -> float | None:
        before = self._clock.now()
        pong = await self._allowed("Ping", {})
        after = self._clock.now()
        try:
            told = float(_first(pong, "Timestamp") or "")
        except ValueError:
            return None
        # Within the time of the question the clocks cannot be told apart.
        return told - after if told > after else min(0.0, told - before)

    def _with_files(self, facts: Facts, files: AsteriskFiles) -> Facts:
        queues, manager = files.sections("queues.conf"), files.sections("manager.conf")
        if queues is not None:
            autofill = setting(queues, "general", "autofill") or "no"
            facts = facts._replace(
                force_longest_waiting_caller=setting(queues, "general", "force_longest_waiting_caller")
                or "no",
                queues=tuple(
                    queue._replace(
                        autofill=is_true(setting(queues, queue.name, "autofill") or autofill),
                        penalty_limit=_whole(setting(queues, queue.name, "penaltymemberslimit") or "0"),
                    )
                    if queue.name in queues
                    else queue
                    for queue in facts.queues
                ),
            )
        if manager is not None:
            facts = self._with_manager(facts, manager)
        if facts.system_name is None and (options := files.sections("asterisk.conf")) is not None:
            facts = facts._replace(system_name=setting(options, "options", "systemname") or "")
        if facts.baseline_in_dialplan is None and (dialplan := files.sections("extensions.conf")) is not None:
            steps = (value for section in dialplan.values() for _, value in section)
            facts = _with_dialplan(facts, steps)
        return facts

    def _with_manager(self, facts: Facts, manager: Mapping[str, Section]) -> Facts:
        timeouts = [
            int(value)
            if (value := setting(manager, account, "writetimeout") or "").isdigit()
            else DEFAULT_WRITE_TIMEOUT
            for account in self._accounts
            if account in manager
        ]
        if timeouts:
            facts = facts._replace(write_timeout_ms=min(timeouts))
        if facts.timestamps is None:
            facts = facts._replace(timestamps=is_true(setting(manager, "general", "timestampevents") or "no"))
        if facts.sequence_numbers is None:
            facts = facts._replace(sequence_numbers=is_true(setting(manager, "general", "debug") or "no"))
        return facts


def _first(items: Items, name: str) -> str | None:
    return next((item[name] for item in items if name in item), None)


def _commands(items: Items) -> frozenset[str] | None:
    """ListCommands names what the account may use: `QueueStatus: Show queue status. (Priv: <none>)`."""
    names = {name for item in items for name, text in item.items() if "(Priv:" in text}
    return frozenset(names) or None


def _queues(items: Items) -> tuple[QueueFacts, ...]:
    of: defaultdict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for item in items:
        of[item.get("Queue", ""), item.get("Event", "")].append(item)
    return tuple(
        QueueFacts(
            name=params["Queue"],
            strategy=params.get("Strategy", ""),
            members=tuple(member.get("Location", "") for member in of[params["Queue"], "QueueMember"]),
            priorities=tuple(
                (_whole(entry.get("Priority", "")), _whole(entry.get("Wait", "")))
                for entry in of[params["Queue"], "QueueEntry"]
                if "Priority" in entry
            ),
        )
        for params in items
        if params.get("Event") == "QueueParams" and params.get("Queue", "general") not in _NO_QUEUE
    )


def _whole(text: str) -> int:
    return int(text) if text.lstrip("-").isdigit() else 0


def _with_dialplan(facts: Facts, steps: Iterable[str]) -> Facts:
    found = [step.replace(" ", "") for step in steps]
    return facts._replace(
        baseline_in_dialplan=any("QUEUE_PRIO=" in step for step in found),
        asks_us_in_dialplan=any("AGI(agi://" in step and "/route" in step for step in found),
    )
