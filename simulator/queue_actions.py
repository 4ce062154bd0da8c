"""What can be asked of the queues over AMI."""

from simulator.ami_server import Action, Refused, Session, Verb
from simulator.channels import Phone
from simulator.exchange import Exchange
from simulator.frames import Header
from simulator.queue import CallQueue, Member, Waiting

Replies = list[list[Header]]
TRUE = frozenset({"yes", "true", "y", "t", "1", "on"})


def done(message: str) -> Replies:
    return [[("Response", "Success"), ("Message", message)]]


def listing(action: Action, message: str, items: Replies, complete: str) -> Replies:
    """A list as AMI gives one: announced, item by item, counted."""
    mark: list[Header] = [("ActionID", action["actionid"])] if action.get("actionid") else []
    start: list[Header] = [("Response", "Success"), ("EventList", "start"), ("Message", message)]
    end: list[Header] = [("Event", complete), *mark, ("EventList", "Complete"), ("ListItems", len(items))]
    return [start, *items, end]


class QueueActions:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def verbs(self) -> dict[str, Verb]:
        agent = frozenset({"agent"})
        everybody: frozenset[str] = frozenset()
        return {
            "queuestatus": Verb(everybody, self._status),
            "queuesummary": Verb(everybody, self._summary),
            "queuechangeprioritycaller": Verb(everybody, self._change_priority),
            "queuewithdrawcaller": Verb(everybody, self._withdraw),
            "queuepause": Verb(agent, self._pause),
            "queueadd": Verb(agent, self._add),
            "queueremove": Verb(agent, self._remove),
            "queuepenalty": Verb(agent, self._penalty),
            "queuelog": Verb(agent, self._log),
        }

    # --- looking ---------------------------------------------------------------------------------------------

    def _status(self, _: Session, action: Action) -> Replies:
        mark: list[Header] = [("ActionID", action["actionid"])] if action.get("actionid") else []
        now = int(self._exchange.clock.now())
        items: Replies = []
        for queue in self._wanted(action):
            items.append([*self._params(queue), *mark])
            for member in queue.members:
                if action.get("member", "") in {"", member.name, member.interface}:
                    items.append([*self._member(queue, member), *mark])
            for caller in queue.callers:
                items.append([*self._entry(queue, caller, now), *mark])
        return listing(action, "Queue status will follow", items, "QueueStatusComplete")

    def _summary(self, _: Session, action: Action) -> Replies:
        mark: list[Header] = [("ActionID", action["actionid"])] if action.get("actionid") else []
        now = int(self._exchange.clock.now())
        items: Replies = [
            [
                ("Event", "QueueSummary"),
                ("Queue", queue.name),
                ("LoggedIn", sum(each.phone.reachable for each in queue.members)),
                ("Available", sum(each.available for each in queue.members)),
                ("Callers", len(queue.callers)),
                ("HoldTime", queue.hold_time),
                ("TalkTime", queue.talk_time),
                ("LongestHoldTime", max((now - int(each.joined) for each in queue.callers), default=0)),
                *mark,
            ]
            for queue in self._wanted(action)
        ]
        return listing(action, "Queue summary will follow", items, "QueueSummaryComplete")

    def _wanted(self, action: Action) -> list[CallQueue]:
        name = action.get("queue", "").lower()
        return [each for each in self._exchange.queues.values() if name in {"", each.name.lower()}]

    @staticmethod
    def _params(queue: CallQueue) -> list[Header]:
        answered = queue.completed
        all_ended = answered + queue.abandoned
        in_target = queue.completed_in_target
        share = 100 * in_target / answered if answered else 0.0
        share_of_all = 100 * (in_target + queue.abandoned_in_target) / all_ended if all_ended else 0.0
        return [
            ("Event", "QueueParams"),
            ("Queue", queue.name),
            ("Max", queue.settings.max_length),
            ("Strategy", queue.settings.strategy),
            ("Calls", len(queue.callers)),
            ("Holdtime", queue.hold_time),
            ("TalkTime", queue.talk_time),
            ("Completed", queue.completed),
            ("Abandoned", queue.abandoned),
            ("ServiceLevel", queue.service_level),
            ("ServicelevelPerf", f"{share:.1f}"),
            ("ServicelevelPerf2", f"{share_of_all:.1f}"),
            ("Weight", 0),
        ]

    @staticmethod
    def _member(queue: CallQueue, member: Member) -> list[Header]:
        return [
            ("Event", "QueueMember"),
            ("Queue", queue.name),
            ("Name", member.name),
            ("Location", member.interface),
            ("StateInterface", member.interface),
            ("Membership", member.membership),
            ("Penalty", member.penalty),
            ("CallsTaken", member.calls),
            ("LastCall", member.last_call),
            ("LastPause", member.last_pause),
            ("LoginTime", member.login),
            ("InCall", int(bool(member.in_call_since))),
            ("Status", int(member.phone.announced)),
            ("Paused", int(member.paused)),
            ("PausedReason", member.reason),
            ("Wrapuptime", int(member.wrapup)),
        ]

    @staticmethod
    def _entry(queue: CallQueue, caller: Waiting, now: int) -> list[Header]:
        channel = caller.channel
        return [
            ("Event", "QueueEntry"),
            ("Queue", queue.name),
            ("Position", caller.position),
            ("Channel", channel.name),
            ("Uniqueid", channel.uniqueid),
            ("CallerIDNum", channel.number or "unknown"),
            ("CallerIDName", channel.caller_name or "unknown"),
            ("ConnectedLineNum", channel.connected_number or "unknown"),
            ("ConnectedLineName", channel.connected_name or "unknown"),
            ("Wait", now - int(caller.joined)),
            ("Priority", caller.priority),
        ]

    # --- callers ---------------------------------------------------------------------------------------------

    def _caller(self, action: Action, what: str) -> tuple[CallQueue, Waiting]:
        if not action.get("queue"):
            raise Refused("'Queue' not specified.")
        if not action.get("caller"):
            raise Refused("'Caller' not specified.")
        queue = self._exchange.queues.get(action["queue"])
        if queue is None:
            raise Refused(f"{what}: No such queue")
        for caller in queue.callers:
            if caller.channel.name == action["caller"]:
                return queue, caller
        raise Refused(f"{what}: No such caller")

    def _change_priority(self, _: Session, action: Action) -> Replies:
        queue, caller = self._caller(action, "Unable to change priority caller on queue")
        try:
            priority = int(action.get("priority", ""))
        except ValueError:
            raise Refused("'Priority' need integer.") from None
        if action.get("immediate", "").lower() in TRUE:
            queue.move(caller, priority)
        else:
            caller.priority = priority
        return done("Priority change for caller on queue")

    def _withdraw(self, _: Session, action: Action) -> Replies:
        what = "Unable to request withdraw from queue"
        _queue, caller = self._caller(action, what)
        if caller.withdraw is not None:
            raise Refused(f"{what}: Already requested")
        caller.withdraw = action.get("withdrawinfo", "")
        return done("Withdraw requested successfully")

    # --- members ---------------------------------------------------------------------------------------------

    def _pause(self, _: Session, action: Action) -> Replies:
        if not action.get("interface") or not action.get("paused"):
            raise Refused("Need 'Interface' and 'Paused' parameters.")
        paused = action["paused"].lower() in TRUE
        if not self.pause(
            action["interface"], action.get("queue", ""), action.get("reason", ""), paused=paused
        ):
            raise Refused("Interface not found")
        return done(f"Interface {'paused' if paused else 'unpaused'} successfully")

    def pause(self, interface: str, queue: str, reason: str, *, paused: bool) -> bool:
        """In one queue, or in all of them when none is named. False when the interface is in none."""
        exchange = self._exchange
        found = [(each, member) for each in exchange.queues.values() if queue.lower() in {"", each.name.lower()}
                 and (member := each.member(interface)) is not None]  # fmt: skip
        word = "PAUSE" if paused else "UNPAUSE"
        if found and not queue:
            exchange.ledger.write("NONE", "NONE", found[0][1].name, f"{word}ALL", reason)
        for each, member in found:
            member.paused = paused
            if paused:
                member.last_pause = int(exchange.clock.now())
            exchange.say_state(f"Queue:{each.name}_pause_{interface}", "INUSE" if paused else "NOT_INUSE")
            exchange.say_availability(each)
            member.reason = reason  # an un-pause shows its reason once, then forgets it
            exchange.ledger.write("NONE", each.name, member.name, word, reason)
            exchange.announce.say("QueueMemberPause", "agent", exchange.member_headers(each, member))
            if not paused:
                member.reason = ""
        return bool(found)

    def _membership(self, action: Action, missing: str) -> tuple[CallQueue, Phone]:
        queue = self._exchange.queues.get(action.get("queue", ""))
        if queue is None:
            raise Refused(f"{missing}: No such queue")
        return queue, self._exchange.phone(action["interface"])

    def _add(self, _: Session, action: Action) -> Replies:
        if not action.get("queue"):
            raise Refused("'Queue' not specified.")
        if not action.get("interface"):
            raise Refused("'Interface' not specified.")
        queue, phone = self._membership(action, "Unable to add interface to queue")
        if queue.member(action["interface"]) is not None:
            raise Refused("Unable to add interface: Already there")
        penalty = action.get("penalty", "0")
        member = Member(
            action.get("membername") or action["interface"],
            phone,
            penalty=int(penalty) if penalty.isdecimal() else 0,
            membership="dynamic",
            paused=action.get("paused", "").lower() in TRUE,
            reason=action.get("reason", ""),
            login=int(self._exchange.clock.now()),
        )
        queue.add(member)
        exchange = self._exchange
        state = "INUSE" if member.paused else "NOT_INUSE"
        exchange.say_state(f"Queue:{queue.name}_pause_{member.interface}", state)
        exchange.announce.say("QueueMemberAdded", "agent", exchange.member_headers(queue, member))
        exchange.say_availability(queue)
        exchange.ledger.write(
            "MANAGER", queue.name, member.name, "ADDMEMBER", "PAUSED" if member.paused else ""
        )
        return done("Added interface to queue")

    def _remove(self, _: Session, action: Action) -> Replies:
        if not action.get("queue") or not action.get("interface"):
            raise Refused("Need 'Queue' and 'Interface' parameters.")
        queue, _phone = self._membership(action, "Unable to remove interface from queue")
        member = queue.member(action["interface"])
        if member is None:
            raise Refused("Unable to remove interface: Not there")
        if member.membership != "dynamic":
            raise Refused("Member not dynamic")
        exchange = self._exchange
        queue.members.remove(member)
        exchange.announce.say("QueueMemberRemoved", "agent", exchange.member_headers(queue, member))
        exchange.say_availability(queue)
        exchange.ledger.write("MANAGER", queue.name, member.name, "REMOVEMEMBER", "")
        return done("Removed interface from queue")

    def _penalty(self, _: Session, action: Action) -> Replies:
        if not action.get("interface") or not action.get("penalty"):
            raise Refused("Need 'Interface' and 'Penalty' parameters.")
        exchange, changed = self._exchange, False
        for queue in exchange.queues.values():
            member = queue.member(action["interface"])
            if member is None or action.get("queue", queue.name) != queue.name:
                continue
            member.penalty, changed = int(action["penalty"]), True
            exchange.ledger.write("NONE", queue.name, member.interface, "PENALTY", action["penalty"])
            exchange.announce.say("QueueMemberPenalty", "agent", exchange.member_headers(queue, member))
        if not changed:
            raise Refused("Invalid interface, queuename or penalty")
        return done("Interface penalty set successfully")

    def _log(self, _: Session, action: Action) -> Replies:
        if not action.get("queue") or not action.get("event"):
            raise Refused("Need 'Queue' and 'Event' parameters.")
        self._exchange.ledger.write(
            action.get("uniqueid") or "NONE", action["queue"], action.get("interface") or "NONE",
            action["event"], action.get("message", ""),
        )  # fmt: skip
        return done("Event added successfully")
