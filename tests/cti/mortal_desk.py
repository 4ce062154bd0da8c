"""An agent's desk that is killed: `python -m tests.cti.mortal_desk URL FOLDER CAP`.

The folder plays the switch, which outlives us: `paused` holds the pause's reason, each line of `asked` is what the
switch was asked, and when; `up` is when the line to it came up.
"""

import asyncio
import sys
import time
from pathlib import Path

from config.schema import upgrade
from cti.adapters.database import connect
from cti.adapters.job_store import SqlJobs
from cti.domain import events
from cti.domain.agents import Roster
from cti.domain.identifiers import AgentId, QueueName
from cti.domain.signals import MemberSeen
from cti.service.agent_desk import END_AFTER_CALL_WORK, END_RETRIES, AgentDesk
from cti.service.job_desk import JobDesk


class Clock:
    def now(self):
        return time.time()


async def main(url: str, folder: Path, cap: float) -> None:
    engine = connect(url)
    await upgrade(engine)
    clock, roster, store = Clock(), Roster(), SqlJobs(engine)
    jobs = JobDesk(store, clock, str(time.time_ns()), hold_seconds=0.5)

    def tell() -> None:
        reason = (folder / "paused").read_text()
        seen = MemberSeen(
            clock.now(),
            QueueName("support"),
            AgentId("101"),
            "PJSIP/101",
            "",
            1,
            bool(reason),
            reason,
            False,
            0,
        )
        for event in roster.hear(seen):
            if isinstance(event, events.AgentWorkingAfterCall):
                desk.enter_wrap_up(event)
            elif isinstance(event, events.AgentReady):
                desk.leave_wrap_up(event)

    class Switch:
        async def pause(self, interface, paused, reason, queue=None):
            with (folder / "asked").open("a") as asked:
                asked.write(f"{time.time()} {paused}\n")
            (folder / "paused").write_text(reason)
            await asyncio.sleep(0.05)
            tell()

    desk = AgentDesk(Switch(), roster.agents.get, clock, cap, jobs)
    jobs.handle(END_AFTER_CALL_WORK, desk.end_overdue, END_RETRIES)
    async with asyncio.TaskGroup() as tasks:
        for work in (store.writer.run, jobs.run, desk.run):
            tasks.create_task(work())
        await asyncio.sleep(0.3)  # the line to the switch comes up last
        (folder / "up").write_text(str(time.time()))
        tell()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
