"""What the desks that act on calls stand on: a switch that notes what it is asked, and what is known of calls."""

from pathlib import Path

from cti.adapters.dialling_policy_file import read_policy
from cti.domain.access import Role, User
from cti.domain.agents import Agent
from cti.domain.errors import SwitchRefused
from cti.domain.identifiers import AgentId

POLICY = read_policy(Path("config/policies/dialling.yaml"), "CN")
ANNA = User("a", "anna", "Anna", Role.AGENT, AgentId("101"), "en")
SAM = User("s", "sam", "Sam", Role.SUPERVISOR, None, "en")


class SetClock:
    time = 1_800_000_000.0

    def now(self):
        return self.time


CLOCK = SetClock()


class AskedSwitch:
    def __init__(self):
        self.asked, self.variables, self.refuses = [], {}, False

    async def variable(self, channel, name):
        return self.variables.get(name, "")

    def __getattr__(self, name):
        async def ask(*said):
            if self.refuses:
                raise SwitchRefused
            self.asked.append((name, *said))

        return ask


class Seen:
    """The call monitor, as far as it is asked."""

    def __init__(self):
        self.calls, self.waits, self.interface = {}, {}, None

    def agent(self, agent):
        if agent not in {"101", "102"}:
            return None
        known = Agent(
            AgentId(agent), interface=f"PJSIP/{agent}" if self.interface is None else self.interface
        )
        known.memberships["support"] = object()
        return known

    def agents(self):
        return [self.agent("101"), self.agent("102")]

    def own_calls(self, agent):
        return self.calls.get(agent, [])

    def record(self, call):
        return None

    def waiting(self, call):
        return self.waits.get(call)


class Audit:
    def __init__(self):
        self.rows, self.broken = [], False

    async def __call__(self, user, action, subject):
        if self.broken:
            raise OSError("no database")
        self.rows.append((user.login, action, subject))
