"""Parts of policies that several tests go by, and the zones of sites."""

from datetime import datetime
from zoneinfo import ZoneInfo

from routing.adapters.policy_file import parse

TIERS = "tiers:\n  platinum: {credit: 600}\n  gold: {credit: 300}\n  iron: {credit: 0}\n  lead: {credit: 0}\n"
SHANGHAI, BERLIN, NEW_YORK = (
    ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York")
)
HOURS = """hours:
  support:
    mon-fri: [09:00-12:00, 13:00-18:00]
    sat: [10:00-14:00]
    holidays:
      2026-12-24: {name: {en: Christmas Eve, zh: 平安夜}, open: [09:00-13:00]}
      2026-12-25: {name: {en: Christmas, zh: 圣诞节}}
    last_call: 10
    closed: sales
"""
SKILLS = """skills:
  agents: {"101": {english: 9, billing: 6}, "102": {english: 2}}
  queues:
    support:
      weights: {english: 2, billing: 1}
      needs: [{language: en, least: 7, widen: 30}, {dialled: "5550101", least: 4}]
"""
PREFERRED = "preferred:\n  support: {agents: [owner, last], seconds: 15, soon: true}\n"


def policy(text: str):
    return parse(TIERS + text, "r.yaml")


def at(zone: ZoneInfo, *when: int) -> float:
    return datetime(*when, tzinfo=zone).timestamp()


def nobody(_agent, _soon):
    return False
