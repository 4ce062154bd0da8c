"""Scorecards and reports over HTTP on a whole house: what is published is scored by, what is scored is reported and sent."""

import asyncio
import csv
import io
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from pypdf import PdfReader

from cti.domain.access import Role
from cti.domain.identifiers import AgentId, CallId, ChannelId, QueueName, Tier
from cti.domain.jobs import Job
from qa.service.report_post import PLAN_REPORTS, SEND_REPORT
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId
from tests.config.house import PASSWORD, client, open_house, until
from tools.pbx import free_port

API = "/api/v1"


async def scored(house, browser, number, *, wrong=(), agent="101", queue="support"):
    """A review of a call, everything good but for these items."""
    now = house.clock.now()
    stored = RecordingStored(
        now, RecordingId(f"pbx1:{number}-1"), CallId(f"pbx1:{number}"), ChannelId(str(number)), QueueName(queue),
        AgentId(agent), Tier.GOLD, now - 3600, 50.0, corrects=False,
    )  # fmt: skip
    house.bus.publish(stored)
    review = f"{stored.recording}-r1"
    await until(lambda: house.review_desk.backlog == 0)
    found = (await browser.post(f"{API}/reviews/{review}/claim")).json()
    card = (
        await browser.get(
            f"{API}/scorecards/{found['scorecard']}", params={"version": found["scorecard_version"]}
        )
    ).json()
    items = [item for section in card["sections"] for item in section["items"]]
    answers = {item["id"]: {"value": "yes" if item["kind"] == "yes_no" else 4} for item in items}
    answers |= {name: {"value": "no", "comment": "heard it"} for name in wrong}
    told = await browser.post(f"{API}/reviews/{review}/score", json={"answers": answers})
    assert told.status_code == 200, told.text
    return told.json()


def form_of(card):
    return {name: value for name, value in card.items() if name != "total"}


async def test_a_card_is_written_tried_published_and_used(tmp_path):
    async with (
        open_house(tmp_path) as house,
        client(house, Role.SUPERVISOR) as boss,
        client(house, Role.REVIEWER) as rita,
    ):
        await until(house.review_desk.scorecards)
        card = form_of((await boss.get(f"{API}/scorecards/service-call")).json())
        card["sections"][3]["items"][0]["shown_when"] = {"item": "ownership", "values": ["yes"]}
        card["sections"][0]["weight"] = 50
        draft = (await boss.put(f"{API}/scorecard-drafts", json={"card": card, "revision": 0})).json()
        assert [fault["place"] for fault in draft["faults"]] == ["sections"]
        refused = await boss.post(
            f"{API}/scorecard-drafts/service-call/publish", json={"revision": 1, "note": "x"}
        )
        assert (refused.status_code, refused.json()["kind"]) == (422, "ScorecardRefused")
        assert "make 110, they must make 100" in refused.json()["error"]
        card["sections"][2]["weight"] = 20
        trial = await boss.post(
            f"{API}/scorecards/try", json={"card": card, "answers": {"ownership": {"value": "no"}}}
        )
        told = trial.json()
        assert (told["faults"], told["score"]["score"]) == ([], 0.0)
        assert "summary" not in told["asked"]
        assert (
            await boss.put(f"{API}/scorecard-drafts", json={"card": card, "revision": 0})
        ).status_code == 409
        assert (await boss.put(f"{API}/scorecard-drafts", json={"card": card, "revision": 1})).json()[
            "revision"
        ] == 2
        for who in (rita,):
            assert (await who.get(f"{API}/scorecard-drafts")).status_code == 403
        version = (
            await boss.post(
                f"{API}/scorecard-drafts/service-call/publish", json={"revision": 2, "note": "again"}
            )
        ).json()
        assert (version["version"], version["note"], version["in_force"]) == (2, "again", True)
        assert (await scored(house, rita, 1, wrong=["ownership"]))["scorecard_version"] == 2
        async with client(house, Role.ADMINISTRATOR) as admin:
            lines = (await admin.get(f"{API}/audit")).json()["items"]
        assert ("scorecards.publish", "service-call version 2: again") in {
            (one["action"], one["subject"]) for one in lines
        }
        text = await rita.get(f"{API}/scorecards/service-call/export")
        assert text.headers["content-disposition"] == 'attachment; filename="service-call.yaml"'
        read = (await boss.post(f"{API}/scorecards/read", json={"text": text.text})).json()
        assert read["card"] == (await boss.get(f"{API}/scorecards/service-call")).json()
        assert (await boss.post(f"{API}/scorecards/service-call/withdraw")).status_code == 204
        assert (await rita.get(f"{API}/scorecards/service-call")).json()["version"] == 1
        assert (await boss.post(f"{API}/scorecards/service-call/withdraw")).status_code == 409


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &a [1]\nb: *a", "aliases"),
        ("id: x", "version: is missing"),
        ("[" * 900, "too deep"),
        ("id: x\nid: y", "id: stands there twice"),
    ],
)
async def test_a_text_that_is_no_card(tmp_path, text, says):
    async with open_house(tmp_path) as house, client(house, Role.SUPERVISOR) as boss:
        told = await boss.post(f"{API}/scorecards/read", json={"text": text})
        assert (told.status_code, told.json()["kind"]) == (422, "ScorecardRefused")
        assert says in told.json()["error"]
        assert "\n" not in told.json()["error"]
        for letters, code in ((2_000_000, 413), (900_000, 422)):
            large = await boss.post(f"{API}/scorecards/read", json={"text": "x" * letters})
            assert (large.status_code, len(large.text) < 2000) == (code, True)
        assert (await boss.get(f"{API}/scorecard-drafts")).json()["total"] == 0


async def test_reports_and_their_files(tmp_path):
    async with open_house(tmp_path) as house, client(house, Role.REVIEWER) as rita:
        await house.accounts.add(
            "li", PASSWORD, "=李雷", Role.AGENT, AgentId("102"), "zh", teams=frozenset({"华东"})
        )
        await house.teams.refresh()
        for number in range(12):
            wrong = ["privacy"] if number < 3 else []
            await scored(house, rita, number, wrong=wrong, agent="102" if number % 2 else "101")
        now = house.clock.now()
        period = {"from": now - 86400, "until": now, "basis": "all"}  # they were taken by hand
        told = (await rita.get(f"{API}/quality/reports", params=period)).json()
        whole = told["whole"]
        assert (told["basis"], told["drawn"]) == ("all", None)
        drawn = (await rita.get(f"{API}/quality/reports", params=period | {"basis": "random"})).json()
        assert (drawn["basis"], drawn["calls"]) == ("random", drawn["drawn"])
        assert (
            await rita.get(f"{API}/quality/reports", params=period | {"basis": "risk"})
        ).status_code == 422
        assert (told["calls"], told["fewest"], whole["compliance"]["value"], whole["score"]["value"]) == (
            12,
            10,
            0.75,
            100.0,
        )
        assert (whole["customer"]["value"], whole["passed"]["value"]) == (1.0, 0.75)
        by_agent = (await rita.get(f"{API}/quality/reports", params=period | {"group_by": "agent"})).json()
        assert [(one["group"], one["label"], one["calls"], one["score"]["value"]) for one in by_agent["items"]] == [
            ("101", "Agent", 6, None), ("102", "=李雷", 6, None),
        ]  # fmt: skip
        by_team = (await rita.get(f"{API}/quality/reports", params=period | {"group_by": "team"})).json()
        assert [(one["group"], one["calls"]) for one in by_team["items"]] == [("华东", 6), (None, 6)]
        one_team = (await rita.get(f"{API}/quality/reports", params=period | {"team": "华东"})).json()
        assert one_team["calls"] == 6
        steps = (
            await rita.get(
                f"{API}/quality/reports", params=period | {"group_by": "question", "interval": "day"}
            )
        ).json()
        assert steps["question_steps"]
        assert steps["questions"][0]["text"]["zh"]
        assert (steps["questions"][0]["item"], steps["questions"][0]["reached"]["value"]) == ("privacy", 0.75)
        asked = period | {"group_by": "agent", "language": "zh"}
        table = await rita.get(f"{API}/quality/reports/file", params=asked | {"format": "csv"})
        rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))
        assert [row[2] for row in rows] == ["坐席", "Agent", "'=李雷"]
        paper = await rita.get(f"{API}/quality/reports/file", params=asked | {"format": "pdf"})
        assert (paper.headers["content-type"], paper.headers["content-disposition"]) == (
            "application/pdf", 'attachment; filename="quality-report.pdf"',
        )  # fmt: skip
        assert "李雷" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
        book = await rita.get(f"{API}/quality/reports/file", params=asked | {"format": "xlsx"})
        assert book.content.startswith(b"PK")
        for wrong in ({"until": now - 90000}, {"interval": "day", "from": 0}):
            refused = await rita.get(f"{API}/quality/reports", params=period | wrong)
            assert (refused.status_code, refused.json()["kind"]) == (422, "ReportRefused")


async def test_who_is_bound_to_a_team_sees_its_agents_alone(tmp_path):
    async with open_house(tmp_path) as house, client(house, Role.REVIEWER) as rita:
        for login, agent, teams in (("li", "102", {"east", "vip"}), ("wu", "103", {"west"})):
            await house.accounts.add(
                login, PASSWORD, login, Role.AGENT, AgentId(agent), "zh", teams=frozenset(teams)
            )
        await house.accounts.add(
            "lead", PASSWORD, "Lead", Role.SUPERVISOR, None, "zh", teams=frozenset({"east"})
        )
        await house.teams.refresh()
        for number in range(4):
            await scored(house, rita, number, agent="102" if number else "103")
        async with client(house) as lead:
            await lead.post(f"{API}/session", json={"login": "lead", "password": PASSWORD})
            of_all = {"basis": "all"}
            by_agent = (
                await lead.get(f"{API}/quality/reports", params=of_all | {"group_by": "agent"})
            ).json()
            by_team = (await lead.get(f"{API}/quality/reports", params=of_all | {"group_by": "team"})).json()
            card = (await lead.get(f"{API}/scorecards/service-call")).json()
            card["pass_mark"] = 70
            await lead.put(f"{API}/scorecard-drafts", json={"card": card, "revision": 0})
            refused = await lead.post(
                f"{API}/scorecard-drafts/service-call/publish", json={"revision": 1, "note": "x"}
            )
            assert (refused.status_code, refused.json()["kind"]) == (403, "WholeHouseOnly")
        assert [(one["group"], one["calls"]) for one in by_agent["items"]] == [("102", 3)]
        assert [(one["group"], one["calls"]) for one in by_team["items"]] == [("east", 3)], (
            "the other team is not told"
        )


class Inbox:
    """A mail server that keeps what it takes, and refuses whom it is told to."""

    def __init__(self):
        self.mails, self.refused = [], set()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in self.refused:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


@contextmanager
def mail_server(inbox, port):
    class Plain(Controller):
        def factory(self):
            return SMTP(self.handler, enable_SMTPUTF8=False)

    controller = Plain(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


FORM = {
    "name": "日报 Daily", "every": "day", "at_minute": 0, "recipients": ["a@example.com", "b@example.com"],
    "format": "pdf", "language": "zh", "group_by": "agent",
}  # fmt: skip


@pytest.fixture
def by_hand(monkeypatch):
    """What is due is looked for when the test says so."""
    monkeypatch.setattr("config.reporting.PLAN_EVERY_SECONDS", 86_400.0)


async def test_a_report_is_sent_once_to_everybody_and_failures_are_seen(tmp_path, by_hand):
    inbox, port = Inbox(), free_port()
    mail = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "tierline@example.com"}
    async with (
        open_house(tmp_path, mail=mail) as house,
        client(house, Role.SUPERVISOR) as boss,
        client(house, Role.REVIEWER) as rita,
    ):
        await scored(house, rita, 1)
        made = (await boss.post(f"{API}/quality/report-schedules", json=FORM)).json()
        assert made["next_at"] > house.clock.now()
        store, post = house.reporting.report_post._store, house.reporting.report_post
        kept = await store.get(made["id"])
        await store.remove(kept.id)
        await store.add(
            kept._replace(created_at=kept.created_at - 3 * 86400)
        )  # made three days ago: yesterday's is due

        async def listed():
            [one] = (await boss.get(f"{API}/quality/report-schedules")).json()["items"]
            return one

        async def sent():
            subjects = []
            post._jobs = type(
                "Asked", (), {"ask": lambda _, kind, subject: subjects.append((kind, subject))}
            )()
            await post.plan(Job(PLAN_REPORTS, "all", {}, 0.0, 0.0))
            for kind, subject in subjects:
                assert kind == SEND_REPORT
                await post.send(Job(kind, subject, {}, 0.0, 0.0))
            return len(subjects)

        with pytest.raises(Exception, match="2 of 2 have not got it"):
            await sent()  # nobody listens there yet
        assert "2 of 2" in (await listed())["problem"]
        assert "example.com" not in (await listed())["problem"]
        inbox.refused = {"b@example.com"}
        with mail_server(inbox, port):
            with pytest.raises(Exception, match="1 of 2 have not got it"):
                await sent()
            inbox.refused.clear()
            assert await sent() == 1
            assert await sent() == 0
        assert [to for to, _ in inbox.mails] == [["a@example.com"], ["b@example.com"]]
        for _, message in inbox.mails:
            assert message["Subject"].startswith("日报 Daily · ")
            assert "质检报告" in message.get_body().get_content()
            [part] = message.iter_attachments()
            assert part.get_filename().endswith(".pdf")
            assert part.get_content().startswith(b"%PDF-")
        assert len({message["Message-ID"] for _, message in inbox.mails}) == 2
        after = await listed()
        assert (after["problem"], after["sent_until"] is not None) == ("", True)


async def test_the_job_desk_sends_what_is_due(tmp_path):
    inbox, port = Inbox(), free_port()
    mail = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "tierline@example.com"}
    with mail_server(inbox, port):
        async with open_house(tmp_path, mail=mail) as house, client(house, Role.SUPERVISOR) as boss:
            made = (await boss.post(f"{API}/quality/report-schedules", json=FORM)).json()
            store = house.reporting.report_post._store
            kept = await store.get(made["id"])
            await store.remove(kept.id)
            await store.add(kept._replace(created_at=kept.created_at - 3 * 86400))
            await house.reporting.report_post.plan(Job(PLAN_REPORTS, "all", {}, 0.0, 0.0))
            async with asyncio.timeout(20):
                while len(inbox.mails) < 2:
                    await asyncio.sleep(0.05)


async def test_schedules_are_their_makers_own_and_refused_in_one_sentence(tmp_path):
    async with (
        open_house(tmp_path) as house,
        client(house, Role.SUPERVISOR) as boss,
        client(house, Role.ADMINISTRATOR) as admin,
    ):
        schedules = f"{API}/quality/report-schedules"
        mine = (await boss.post(schedules, json=FORM)).json()
        theirs = (await admin.post(schedules, json=FORM | {"name": "Theirs"})).json()
        assert [one["id"] for one in (await boss.get(schedules)).json()["items"]] == [mine["id"]]
        assert (await admin.get(schedules)).json()["total"] == 2
        assert (await boss.get(schedules)).json()["mail"] is False
        for method, body in (("PUT", FORM), ("DELETE", None)):
            told = await boss.request(method, f"{schedules}/{theirs['id']}", json=body)
            assert (told.status_code, told.json()["kind"]) == (404, "ScheduleUnknown")
        resting = (await boss.put(f"{schedules}/{mine['id']}", json=FORM | {"active": False})).json()
        assert resting["next_at"] is None
        wrong = await boss.post(
            schedules, json=FORM | {"recipients": ["a@example.com\r\nBcc: x@example.com"]}
        )
        assert (wrong.status_code, wrong.json()["error"]) == (
            422,
            "The report cannot be made. recipients.1: is no e-mail address.",
        )
        assert (await boss.post(schedules, json=FORM | {"name": "a\nBcc: b"})).status_code == 422
        assert (await boss.delete(f"{schedules}/{mine['id']}")).status_code == 204
        assert (await boss.get(schedules)).json()["total"] == 0


async def test_a_draft_of_any_letters_can_be_read_again(tmp_path):
    async with open_house(tmp_path) as house, client(house, Role.SUPERVISOR) as boss:
        await until(house.review_desk.scorecards)
        card = form_of((await boss.get(f"{API}/scorecards/service-call")).json())
        card["title"] = {"en": "a\x7f\x80\u2028b \U0001f600: # - {", "zh": "\ufffe\ue000长"}
        card["queues"] = ["\x01", "x: y"]
        card["sections"][0]["weight"] = 1e-300
        card["sections"][0]["items"][0] |= {"id": "\x9f", "shown_when": {"item": "", "values": []}}
        saved = await boss.put(f"{API}/scorecard-drafts", json={"card": card, "revision": 0})
        assert saved.status_code == 200, saved.text
        again = (await boss.get(f"{API}/scorecard-drafts/service-call")).json()
        assert again["card"] == saved.json()["card"]
        assert again["card"]["title"]["en"] == "a b \U0001f600: # - {"
        assert again["card"]["queues"] == ["x: y"]
        assert len(again["faults"]) > 3
