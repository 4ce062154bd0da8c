"""Reads the policy of desk states. A mistake is one sentence with file, line and field, and nothing is taken over."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cti.adapters.policy_nodes import refusals
from cti.domain.desk_states import RESERVED, Code, DeskStates, Door, Ending, Reason, Words
from cti.domain.errors import PolicyRefused
from cti.domain.identifiers import AgentId, QueueName
from cti.domain.reachability import Patience

CodeText = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Minutes = Annotated[float, Field(gt=0, le=1440)]
Seconds = Annotated[float, Field(ge=1, le=600)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NameLine(Part):
    en: str = Field(min_length=1, max_length=40)
    zh: str = Field(min_length=1, max_length=40)


class ReasonLine(Part):
    code: CodeText
    name: NameLine
    stay_minutes: Minutes | None = None
    day_minutes: Minutes | None = None
    paid: bool = True


class AfterCallWork(Part):
    extensions: int = Field(default=0, ge=0, le=20)
    extension_seconds: Seconds = 60


class LeafLine(Part):
    code: CodeText
    name: NameLine


class CodeLine(LeafLine):
    codes: list[LeafLine] = []


class EndingLines(Part):
    required: bool = False
    note_required: bool = False
    codes: list[CodeLine] = []


class DoorLine(Part):
    queue: str = Field(min_length=1)
    penalty: int = Field(default=0, ge=0, le=100)
    agents: list[str] | None = None


class ReachabilityLines(Part):
    silent_seconds: float = Field(default=12, ge=5, le=600)
    missed_calls: int = Field(default=3, ge=1, le=100)
    hold_seconds: Seconds = 5
    recover_seconds: Seconds = 5


class PolicyLines(Part):
    reasons: list[ReasonLine] = Field(min_length=1)
    after_call_work: AfterCallWork = AfterCallWork()
    dispositions: dict[str, EndingLines] = {}
    log_on: list[DoorLine] = []
    reachability: ReachabilityLines = ReachabilityLines()


def read_policy(file: Path) -> DeskStates:
    """Raises PolicyRefused."""
    with refusals(file):
        text = file.read_text(encoding="utf-8")
        node, read = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    try:
        lines = PolicyLines.model_validate(read)
    except ValidationError as fault:
        first = fault.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "here"
        raise PolicyRefused(f"{file}:{_line(node, first['loc'])}: {field}: {first['msg']}.") from fault
    _refuse_doubles(file, lines)
    endings = {QueueName(queue): _ending(ending) for queue, ending in lines.dispositions.items()}
    return DeskStates(
        reasons={line.code: _reason(line) for line in lines.reasons},
        extensions=lines.after_call_work.extensions,
        extension_seconds=lines.after_call_work.extension_seconds,
        endings=endings,
        other_ending=endings.pop(QueueName("default"), Ending(())),
        doors=tuple(_door(line) for line in lines.log_on),
        patience=Patience(**lines.reachability.model_dump()),
    )


def _line(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """The line of the deepest place on the way that stands in the file."""
    line = 1
    for part in path:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
            continue
        if node is None:
            return line
        line = node.start_mark.line + 1
    return line


def _refuse_doubles(file: Path, lines: PolicyLines) -> None:
    """A code says one thing: it may stand once, and none of ours may be taken."""
    _once(file, "reasons", [line.code for line in lines.reasons])
    for queue, ending in lines.dispositions.items():
        codes = [one.code for code in ending.codes for one in (code, *code.codes)]
        _once(file, f"dispositions.{queue}", codes)
        if ending.required and not codes:
            raise PolicyRefused(f"{file}: dispositions.{queue}: `required` needs codes to choose from.")
    _once(file, "log_on", [line.queue for line in lines.log_on])


def _once(file: Path, field: str, codes: list[str]) -> None:
    for code, count in Counter(codes).items():
        if count > 1:
            raise PolicyRefused(f"{file}: {field}: {code!r} stands there twice.")
        if code in RESERVED:
            raise PolicyRefused(f"{file}: {field}: {code!r} is the server's own word; choose another.")


def _words(line: NameLine) -> Words:
    return Words(line.en, line.zh)


def _reason(line: ReasonLine) -> Reason:
    return Reason(line.code, _words(line.name), _of(line.stay_minutes), _of(line.day_minutes), line.paid)


def _of(minutes: float | None) -> float | None:
    return None if minutes is None else minutes * 60


def _ending(lines: EndingLines) -> Ending:
    def code(line: Any) -> Code:
        return Code(line.code, _words(line.name), tuple(code(one) for one in getattr(line, "codes", ())))

    return Ending(tuple(code(line) for line in lines.codes), lines.required, lines.note_required)


def _door(line: DoorLine) -> Door:
    agents = None if line.agents is None else frozenset(AgentId(agent) for agent in line.agents)
    return Door(QueueName(line.queue), line.penalty, agents)
