"""What we ask of the switch: once, safely, with an answer or an error."""

import asyncio

import pytest

from cti.adapters.ami.actions import AmiSwitch
from cti.adapters.ami.connection import LinkState
from cti.domain.errors import SwitchRefused, SwitchUnreachable, UnsafeAction
from cti.ports import NewCall
from tests.cti.ami.conftest import until
from tests.cti.ami.peer import Peer


@pytest.fixture
async def link(start_link):
    link, _ = start_link(action_seconds=0.3)
    await until(lambda: link.state is LinkState.UP)
    return link


def answer(said: dict[str, str], response: str, message: str) -> bytes:
    return f"Response: {response}\r\nActionID: {said['ActionID']}\r\nMessage: {message}\r\n\r\n".encode()


async def test_priority_and_pause_go_out_as_asterisk_reads_them(link, peer: Peer):
    await link.switch.change_priority("support", "PJSIP/trunk-0000002a", 2000000600)
    await link.switch.pause("PJSIP/101", True, "ACW")
    await link.switch.pause("PJSIP/101", False, "ACW", "sales")
    sent = [{key: value for key, value in said.items() if key != "ActionID"} for said in peer.said[-3:]]
    assert sent == [
        {
            "Action": "QueueChangePriorityCaller",
            "Queue": "support",
            "Caller": "PJSIP/trunk-0000002a",
            "Priority": "2000000600",
            "Immediate": "yes",
        },
        {"Action": "QueuePause", "Interface": "PJSIP/101", "Paused": "true", "Reason": "ACW"},
        {
            "Action": "QueuePause",
            "Interface": "PJSIP/101",
            "Paused": "false",
            "Reason": "ACW",
            "Queue": "sales",
        },
    ]


async def test_calls_and_members_go_out_as_asterisk_reads_them(link, peer: Peer):
    call = NewCall("PJSIP/101", "cti-dial", "+15550100", "101", "mine-1", 20.0, {"CTI_A": "1", "CTI_B": "x"})
    await link.switch.make(call)
    await link.switch.hang_up("PJSIP/101-00000001")
    await link.switch.send_to("PJSIP/101-00000001", "from-agents", "102")
    await link.switch.withdraw("support", "PJSIP/trunk-0000002a", "callback")
    await link.switch.add_member("support", "PJSIP/101", "101", 3, paused=True)
    await link.switch.remove_member("support", "PJSIP/101")
    await link.switch.write_ledger("support", "DISPOSITION", "mine-1", "PJSIP/101", "sold|2")
    sent = [{key: value for key, value in said.items() if key != "ActionID"} for said in peer.said[-7:]]
    assert sent == [
        {
            "Action": "Originate", "Channel": "PJSIP/101", "Context": "cti-dial", "Exten": "+15550100", "Priority": "1",
            "CallerID": "101", "Timeout": "20000", "ChannelId": "mine-1", "Async": "true",
            "Variable": "CTI_A=1,CTI_B=x",
        },
        {"Action": "Hangup", "Channel": "PJSIP/101-00000001"},
        {"Action": "Redirect", "Channel": "PJSIP/101-00000001", "Context": "from-agents", "Exten": "102", "Priority": "1"},
        {"Action": "QueueWithdrawCaller", "Queue": "support", "Caller": "PJSIP/trunk-0000002a", "WithdrawInfo": "callback"},
        {"Action": "QueueAdd", "Queue": "support", "Interface": "PJSIP/101", "MemberName": "101", "Penalty": "3",
         "Paused": "true"},
        {"Action": "QueueRemove", "Queue": "support", "Interface": "PJSIP/101"},
        {"Action": "QueueLog", "Queue": "support", "Event": "DISPOSITION", "Interface": "PJSIP/101",
         "Message": "sold|2", "Uniqueid": "mine-1"},
    ]  # fmt: skip
    with pytest.raises(UnsafeAction):
        await link.switch.make(call._replace(variables={"CTI_A": "1,CTI_B=2"}))


async def test_a_refusal_has_its_reason(link, peer: Peer):
    peer.replies["QueuePause"] = lambda said: answer(said, "Error", "Interface not found")
    with pytest.raises(SwitchRefused, match="Interface not found"):
        await link.switch.pause("PJSIP/999", True, "ACW")


async def test_no_answer_is_unreachable_and_a_late_one_is_no_harm(link, peer: Peer):
    late: list[bytes] = []

    def silent(said: dict[str, str]) -> bytes:
        late.append(answer(said, "Success", "Done"))
        return b""

    peer.replies["QueuePause"] = silent
    with pytest.raises(SwitchUnreachable, match=r"had no answer in 0\.3 s"):
        await link.switch.pause("PJSIP/101", True, "ACW")
    peer.actions[0].write(late[0])
    await until(lambda: link.actions_traffic.unexpected == 1)
    assert await link.switch.ask("CoreStatus", {})


async def test_nothing_is_sent_again_after_a_cut(link, peer: Peer):
    peer.replies["QueuePause"] = lambda said: peer.drop() or b""
    with pytest.raises(SwitchUnreachable):
        await link.switch.pause("PJSIP/101", True, "ACW")
    await until(lambda: peer.actions and link._actions.up.is_set())
    assert await link.switch.ask("CoreStatus", {})
    assert len(peer.asked("QueuePause")) == 1


async def test_while_the_line_is_down_nothing_waits(link, peer: Peer):
    await peer.stop()
    await until(lambda: not link._actions.up.is_set())
    with pytest.raises(SwitchUnreachable, match="was not sent"):
        await link.switch.pause("PJSIP/101", True, "ACW")


@pytest.mark.parametrize("bad", ["x\r\nAction: Command", "x\ny", "x\0y"])
async def test_a_second_action_cannot_be_smuggled(link, peer: Peer, bad: str):
    before = len(peer.said)
    for ask in (
        link.switch.change_priority(bad, "c", 1),
        link.switch.change_priority("q", bad, 1),
        link.switch.pause(bad, True, "r"),
        link.switch.pause("i", True, bad),
        link.switch.ask("CoreStatus", {bad: "x"}),
        link.switch.ask(bad, {}),
    ):
        with pytest.raises(UnsafeAction):
            await ask
    assert await link.switch.ask("CoreStatus", {})
    assert len(peer.said) == before + 1


async def test_a_list_is_its_items_and_nothing_else(link, peer: Peer):
    stranger = b"Event: QueueParams\r\nActionID: somebody-else\r\nQueue: z\r\n\r\nEvent: Hangup\r\nUniqueid: 5\r\n\r\n"
    peer.replies["QueueStatus"] = lambda said: stranger.join(
        part + b"\r\n\r\n"
        for part in Peer.list(said, [("QueueParams", {"Queue": "a", "X": "1\r\nX: 2"})]).split(b"\r\n\r\n")[
            :-1
        ]
    )
    response, item = await link.switch.ask("QueueStatus", {})
    assert response["Response"] == "Success"
    assert (item["Event"], item["Queue"], item["X"]) == ("QueueParams", "a", "1\n2")


@pytest.mark.parametrize("ending", ["cancelled", "Cancelled"])
async def test_a_cancelled_list_is_an_error(link, peer: Peer, ending: str):
    peer.replies["QueueStatus"] = lambda said: Peer.list(said, [("QueueParams", {"Queue": "a"})], ending)
    with pytest.raises(SwitchRefused, match="ended early"):
        await link.switch.ask("QueueStatus", {})


async def test_output_lines_stay_in_order(link, peer: Peer):
    peer.replies["Command"] = lambda said: (
        f"Response: Success\r\nActionID: {said['ActionID']}\r\nOutput: Class: default\r\nOutput: \tMode\r\nOutput: \r\n\r\n".encode()
    )
    (response,) = await link.switch.ask("Command", {"Command": "moh show classes"})
    assert response["Output"] == "Class: default\n\tMode\n"


async def test_many_at_once_get_their_own_answers(link, peer: Peer):
    peer.replies["Getvar"] = lambda said: answer(said, "Success", said["Variable"])
    answers = await asyncio.gather(*(link.switch.ask("Getvar", {"Variable": str(n)}) for n in range(200)))
    assert [response["Message"] for (response,) in answers] == [str(n) for n in range(200)]


async def test_an_abandoned_question_leaves_nothing_behind(link, peer: Peer):
    peer.replies["QueuePause"] = lambda _: b""
    asking = asyncio.ensure_future(link.switch.pause("PJSIP/101", True, "ACW"))
    await until(lambda: peer.asked("QueuePause"))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert all(action["Action"] == "Ping" for action in link._actions.protocol._answers.waiting.values())


def test_it_is_the_switch_our_services_know():
    from cti.ports import Switch

    def services_take(switch: Switch) -> Switch:
        return switch

    assert {name for name in vars(Switch) if not name.startswith("_")} <= set(dir(AmiSwitch))
    assert services_take
