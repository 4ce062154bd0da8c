"""What can be asked of calls, and of the switch itself, over AMI."""

from datetime import UTC, datetime
from typing import Final

from simulator import transfers
from simulator.ami_server import Action, Refused, Session, Verb
from simulator.channels import Channel
from simulator.dialplan import Dialplan
from simulator.exchange import Exchange
from simulator.fastagi_client import VERSION
from simulator.frames import Header, channel_headers
from simulator.originate import Origination
from simulator.queue_actions import Replies, done, listing

# What GetConfig shows: the values by which a preflight judges the shipped configuration.
FILES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "manager.conf": {
        "general": ("enabled=yes", "debug=on", "timestampevents=yes", "allowmultiplelogin=yes"),
        "cti-events": ("read=system,call,agent,user,dialplan", "write=", "writetimeout=5000"),
        "cti-actions": ("read=", "write=call,agent,originate,reporting", "writetimeout=5000"),
    },
}


class CallActions:
    def __init__(self, exchange: Exchange, dialplan: Dialplan) -> None:
        self._exchange = exchange
        self._dialplan = dialplan

    def verbs(self) -> dict[str, Verb]:
        call = frozenset({"call", "system"})
        report = frozenset({"system", "reporting"})
        return {
            "ping": Verb(frozenset(), self._ping),
            "corestatus": Verb(report, self._core_status),
            "coresettings": Verb(report, self._core_settings),
            "coreshowchannels": Verb(report, self._core_show_channels),
            "getconfig": Verb(frozenset({"system", "config"}), self._get_config),
            "hangup": Verb(call, self._hangup),
            "blindtransfer": Verb(frozenset({"call"}), self._blind_transfer),
            "redirect": Verb(frozenset({"call"}), self._redirect),
            "originate": Verb(frozenset({"originate"}), self._originate),
            "mixmonitormute": Verb(call, self._mute),
            "getvar": Verb(frozenset({"call", "reporting", "system"}), self._get_variable),
            "playdtmf": Verb(frozenset({"call"}), self._press),
        }

    # --- the switch ------------------------------------------------------------------------------------------

    def _ping(self, _: Session, action: Action) -> Replies:
        del action
        return [
            [("Response", "Success"), ("Ping", "Pong"), ("Timestamp", f"{self._exchange.clock.now():.6f}")]
        ]

    def _core_status(self, _: Session, action: Action) -> Replies:
        del action
        started = datetime.fromtimestamp(self._exchange.started, UTC)
        day, clock = f"{started:%Y-%m-%d}", f"{started:%H:%M:%S}"
        return [[
            ("Response", "Success"),
            ("CoreStartupDate", day),
            ("CoreStartupTime", clock),
            ("CoreReloadDate", "1970-01-01"),
            ("CoreReloadTime", "00:00:00"),
            ("CoreCurrentCalls", len(self._exchange.channels)),
            ("CoreProcessedCalls", self._exchange.calls_processed),
        ]]  # fmt: skip

    def _core_settings(self, _: Session, action: Action) -> Replies:
        del action
        return [[
            ("Response", "Success"),
            ("AMIversion", "11.0.0"),
            ("AsteriskVersion", VERSION),
            ("SystemName", self._exchange.systemname),
            ("CoreMaxCalls", 0),
            ("CoreMaxLoadAvg", "0.000000"),
            ("CoreRunUser", ""),
            ("CoreRunGroup", ""),
            ("CoreMaxFilehandles", 0),
            ("CoreRealTimeEnabled", "No"),
            ("CoreCDRenabled", "Yes"),
            ("CoreHTTPenabled", "No"),
            ("SoundsSearchCustomDir", "No"),
        ]]  # fmt: skip

    def _core_show_channels(self, _: Session, action: Action) -> Replies:
        mark: list[Header] = [("ActionID", action["actionid"])] if action.get("actionid") else []
        now = self._exchange.clock.now()
        items: Replies = []
        for channel in self._exchange.channels.values():
            minutes, seconds = divmod(int(now - channel.created), 60)
            items.append([
                ("Event", "CoreShowChannel"),
                *mark,
                *channel_headers(channel),
                ("Application", channel.application),
                ("ApplicationData", channel.application_data),
                ("Duration", f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"),
                ("BridgeId", channel.bridge.uniqueid if channel.bridge else ""),
            ])  # fmt: skip
        return listing(action, "Channels will follow", items, "CoreShowChannelsComplete")

    def _get_config(self, _: Session, action: Action) -> Replies:
        name = action.get("filename", "")
        if not name:
            raise Refused("Filename not specified")
        file = self._queues_conf() if name == "queues.conf" else FILES.get(name)
        if file is None:
            raise Refused("Config file not found")
        reply: list[Header] = [("Response", "Success")]
        wanted = action.get("category", "")
        for number, (category, lines) in enumerate(
            (key, value) for key, value in file.items() if wanted in {"", key}
        ):
            reply.append((f"Category-{number:06}", category))
            reply.extend((f"Line-{number:06}-{index:06}", line) for index, line in enumerate(lines))
        return [reply]

    def _queues_conf(self) -> dict[str, tuple[str, ...]]:
        general = (
            "autofill=yes",
            "persistentmembers=yes",
            "shared_lastcall=yes",
            "log_membername_as_agent=yes",
        )
        return {"general": general} | {
            queue.name: (
                f"strategy={queue.settings.strategy}",
                f"timeout={queue.settings.ring:g}",
                f"retry={queue.settings.retry:g}",
                f"wrapuptime={queue.settings.wrapup:g}",
                f"maxlen={queue.settings.max_length}",
                *(f"member={each.interface},{each.penalty},{each.name}" for each in queue.members),
            )
            for queue in self._exchange.queues.values()
        }

    # --- calls -----------------------------------------------------------------------------------------------

    def _channel(self, action: Action, sentence: str = "No such channel") -> Channel:
        """By name, or by its uniqueid."""
        name = action.get("channel", "")
        found = (one for one in self._exchange.channels.values() if one.uniqueid == name)
        channel = self._exchange.channels.get(name) or next(found, None)
        if channel is None:
            raise Refused(sentence)
        return channel

    def _hangup(self, _: Session, action: Action) -> Replies:
        if not action.get("channel"):
            raise Refused("No channel specified")
        channel = self._channel(action)
        cause = action.get("cause", "")
        self._exchange.hang_up(channel, asked=int(cause) if cause.isdecimal() else 16)
        return done("Channel Hungup")

    def _blind_transfer(self, _: Session, action: Action) -> Replies:
        if not action.get("channel"):
            raise Refused("No channel specified")
        if not action.get("exten"):
            raise Refused("No extension specified")
        channel = self._channel(action, "Channel specified does not exist")
        context = action.get("context") or channel.context
        if not transfers.blind(self._exchange, self._dialplan, channel, context, action["exten"]):
            raise Refused("Transfer invalid")
        return done("Transfer succeeded")

    def _redirect(self, _: Session, action: Action) -> Replies:
        if not action.get("channel"):
            raise Refused("Channel not specified")
        channel = self._channel(action, f"Channel does not exist: {action['channel']}")
        context, exten = action.get("context") or channel.context, action.get("exten") or channel.exten
        transfers.redirect(self._exchange, self._dialplan, channel, context, exten)
        return done("Redirect successful")

    def _originate(self, _: Session, action: Action) -> Replies:
        if not action.get("channel"):
            raise Refused("Channel not specified")
        if not action.get("exten") or not action.get("context"):
            raise Refused("Extension does not exist.")
        name = action["channel"]
        wanted = action.get("channelid", "")
        if name not in self._exchange.phones or any(
            wanted and channel.uniqueid == wanted for channel in self._exchange.channels.values()
        ):
            raise Refused("Originate failed")
        given = [pair.partition("=") for pair in action.get("variable", "").split(",") if pair]
        caller_name, _angle, number = action.get("callerid", "").rpartition("<")
        timeout = action.get("timeout", "")
        Origination(
            self._exchange,
            self._dialplan,
            self._exchange.phones[name],
            context=action["context"],
            exten=action["exten"],
            uniqueid=action.get("channelid") or None,
            caller=(number.rstrip("> ") or None, caller_name.strip(' "') or None),
            timeout=int(timeout) / 1000 if timeout.isdecimal() else 30.0,
            action_id=action.get("actionid", ""),
            variables={key: value for key, _, value in given},
        )
        return done("Originate successfully queued")

    def _get_variable(self, _: Session, action: Action) -> Replies:
        channel, name = self._channel(action), action.get("variable", "")
        value = channel.variables.get(name, "")
        if name == "BRIDGEPEER" and channel.bridge is not None:
            value = ",".join(other.name for other in channel.bridge.channels if other is not channel)
        elif name == "DYNAMIC_FEATURES" and not channel.phone.is_trunk:
            value = "cti-hold"
        return [[("Response", "Success"), ("Variable", name), ("Value", value)]]

    def _press(self, _: Session, action: Action) -> Replies:
        """Of the keys only those of hold do something: *5 begins it, any key ends it (features.conf: cti-hold)."""
        channel, key = self._channel(action, "Channel not found"), action.get("digit", "")
        if not key:
            raise Refused("No digit specified")
        talk = transfers.conversation_of(channel)
        before = channel.variables.pop("KEYS", "")
        if talk is not None and channel.holding and channel.variables.pop("CTI_HOLDS", ""):
            talk.unhold(channel)
        elif talk is not None and before + key == "*5":
            channel.variables["CTI_HOLDS"] = "yes"
            talk.hold(channel)
        else:
            channel.variables["KEYS"] = key
        return done("DTMF successfully queued")

    def _mute(self, _: Session, action: Action) -> Replies:
        if not action.get("channel"):
            raise Refused("No channel specified")
        channel = self._channel(action)
        if action.get("direction") not in {"read", "write", "both"}:
            raise Refused("Invalid direction specified. Must be read, write or both")
        state = action.get("state", "")
        if state not in {"0", "1"}:
            raise Refused("Invalid state specified")
        self._exchange.recorder.silence(channel, on=state == "1")
        self._exchange.announce.of_channel("MixMonitorMute", channel, ("Direction", action["direction"]),
                                           ("State", state))  # fmt: skip
        return [[("Response", "Success")]]
