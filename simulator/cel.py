"""The switch's second ledger: CEL, a line a fact with microseconds, in the columns of the shipped `cel_custom.conf`."""

import csv
import json
from pathlib import Path
from typing import Final

from simulator.channels import Bridge, Channel
from simulator.clock import Clock

APPLICATIONS: Final = frozenset({"Queue", "Dial"})  # as `apps` of cel.conf


class EventLog:
    """Each fact is in the file once it is told: a killed process leaves whole lines."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", errors="replace", newline="", buffering=1)
        self._rows = csv.writer(self._file, quoting=csv.QUOTE_ALL, lineterminator="\n")

    def write(self, event: str, channel: Channel, peer: str = "", **extra: str | int) -> None:
        self._rows.writerow((
            event, f"{self._clock.now():.6f}", channel.caller_name or "", channel.number or "",
            "" if event == "CHAN_START" else channel.number or "", channel.exten, channel.context, channel.name,
            channel.application, channel.application_data, channel.uniqueid, channel.linkedid, peer,
            json.dumps(extra, separators=(",", ":")) if extra else "",
        ))  # fmt: skip

    def runs(self, channel: Channel, application: str, data: str) -> None:
        """The channel goes on to another application of its dialplan."""
        self.stops(channel)
        channel.application, channel.application_data = application, data
        if application in APPLICATIONS:
            self.write("APP_START", channel)

    def stops(self, channel: Channel) -> None:
        if channel.application in APPLICATIONS:
            self.write("APP_END", channel)

    def bridged(self, event: str, channel: Channel, bridge: Bridge) -> None:
        other = bridge.other(channel)
        self.write(event, channel, other.name if other else "",
                   bridge_id=bridge.uniqueid, bridge_technology="simple_bridge")  # fmt: skip

    def gone(self, channel: Channel, cause: int, *, last: bool) -> None:
        """`last`: no other channel has its linkedid."""
        self.stops(channel)
        channel.application = channel.application_data = ""
        self.write("HANGUP", channel, hangupcause=cause, hangupsource="", dialstatus="")
        self.write("CHAN_END", channel)
        if last:
            self.write("LINKEDID_END", channel)

    def close(self) -> None:
        self._file.close()
