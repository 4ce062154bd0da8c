"""Reasons in words: a stable key with its parameters, and the text of each key in English and Chinese."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

Value = str | int | float
Names = Mapping[str, Mapping[str, str]]
"""Of each tier, its name by language."""

TIER_NAMES: Final[Names] = {
    "platinum": {"en": "platinum", "zh": "铂金"},
    "gold": {"en": "gold", "zh": "黄金"},
    "iron": {"en": "iron", "zh": "钢铁"},
    "lead": {"en": "lead", "zh": "重铅"},
}
SOURCE_NAMES: Final[Names] = {
    "import": {"en": "import", "zh": "导入"},
    "manual": {"en": "set by hand", "zh": "人工设定"},
    "model": {"en": "customer value model", "zh": "客户价值模型"},
    "default": {"en": "default", "zh": "默认"},
}

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # whose call it is
    "tier_of_customer": ("Customer of tier {tier} ({source}).", "{tier}客户（{source}）。"),
    "number_unknown": ("The number is not known: treated as {tier}.", "号码未登记，按{tier}对待。"),
    "number_withheld": ("No usable number was sent: treated as {tier}.", "未送来有效号码，按{tier}对待。"),
    "lookup_pending": (
        "The customer record has not answered yet: waits as {tier} until it does.",
        "客户资料尚未返回，暂按{tier}等候。",
    ),
    "lookup_failed": (
        "The customer record could not be read: treated as {tier}.",
        "客户资料无法读取，按{tier}对待。",
    ),
    # what that is worth
    "credit": (
        "Head start {credit_seconds}: counts as if the call had come that much earlier.",
        "优先 {credit_seconds}：按提前这么久来电计算。",
    ),
    "credit_strict": ("Always before callers without this right.", "始终排在没有此权利的来电之前。"),
    "credit_none": ("No head start: in the order of arrival.", "无优先时长，按来电先后排队。"),
    "queue_rule": ("The queue {queue} has credits of its own.", "队列 {queue} 有自己的优先规则。"),
    "surge": (
        "{queue} is busier than it can bear: its rules for a surge are in force.",
        "{queue} 处于高峰，按高峰规则排队。",
    ),
    "first_join_kept": (
        "Came first {earlier_seconds} before this visit, and keeps that time.",
        "首次来电在本次排队之前 {earlier_seconds}，保留首次时间。",
    ),
    "bound": (
        "Nobody who comes more than {bound_seconds} later is served before.",
        "晚来超过 {bound_seconds} 的来电不会先被接听。",
    ),
    "bound_none": ("Nobody who comes later is served before.", "更晚的来电不会先被接听。"),
    # who stands before, at the moment of joining
    "first": ("First in line.", "排在首位。"),
    "first_passing": (
        "First in line, before {count} who came earlier: {tier} has a head start of {credit_seconds}.",
        "排在首位，先于 {count} 位更早来电者：{tier}享有 {credit_seconds} 优先。",
    ),
    "first_passing_strict": (
        "First in line, before {count} who came earlier: {tier} always goes first.",
        "排在首位，先于 {count} 位更早来电者：{tier}始终优先。",
    ),
    "place": ("Place {position} in line.", "排在第 {position} 位。"),
    "place_passing": (
        "Place {position} in line, before {count} who came earlier: {tier} has a head start of {credit_seconds}.",
        "排在第 {position} 位，先于 {count} 位更早来电者：{tier}享有 {credit_seconds} 优先。",
    ),
    "place_passing_strict": (
        "Place {position} in line, before {count} who came earlier: {tier} always goes first.",
        "排在第 {position} 位，先于 {count} 位更早来电者：{tier}始终优先。",
    ),
    "ahead_earlier": ("{tier}, came {earlier_seconds} earlier.", "{tier}，早来 {earlier_seconds}。"),
    "ahead_by_credit": (
        "{tier}, came {later_seconds} later with a head start of {credit_seconds}.",
        "{tier}，晚来 {later_seconds}，但有 {credit_seconds} 优先。",
    ),
    "ahead_strict": (
        "{tier}, came {later_seconds} later and always goes first.",
        "{tier}，晚来 {later_seconds}，但始终优先。",
    ),
    # where he goes instead
    "closed_hours": ("{queue} is closed at this hour.", "{queue} 当前不在服务时间。"),
    "closed_holiday": ("{queue} is closed today: {day_en}.", "{queue} 今日休息：{day_zh}。"),
    "closed_holiday_hours": (
        "{queue} is closed at this hour of {day_en}.",
        "{day_zh}期间，{queue} 此时段不服务。",
    ),
    "closed_last_call": (
        "{queue} closes within {last_call_seconds}: nobody is taken in any more.",
        "{queue} 将在 {last_call_seconds}内下班，不再接入新来电。",
    ),
    "sent_announce": ("Heard the closing announcement.", "播放下班提示。"),
    "sent_callback": ("Sent to the callback menu.", "转至回呼菜单。"),
    "sent_queue": ("Sent to {other_queue} instead.", "改转至 {other_queue}。"),
    "overflow_after": (
        "Waited {after_seconds} in {queue}: went on to {other_queue}.",
        "在 {queue} 已等候 {after_seconds}，溢出到 {other_queue}。",
    ),
    "overflow_longer": (
        "More than {count} stood in line in {queue}: went on to {other_queue}.",
        "{queue} 排队超过 {count} 位，溢出到 {other_queue}。",
    ),
    "overflow_nobody": (
        "Nobody was logged on to {queue}: went on to {other_queue}.",
        "{queue} 无坐席签入，溢出到 {other_queue}。",
    ),
    # who may take it
    "skill_need": (
        "Needs a skill of {least} or more out of 10 for {queue}.",
        "{queue} 要求技能分不低于 {least}（满分 10）。",
    ),
    "skill_widens": (
        "One point less is enough every {widen_seconds}.",
        "每过 {widen_seconds} 要求降低 1 分。",
    ),
    "preferred_owner": (
        "Offered to {agent} first, who looks after this customer, for {wait_seconds}.",
        "先由客户经理 {agent} 接听，最多等候 {wait_seconds}。",
    ),
    "preferred_last": (
        "Offered to {agent} first, who spoke to this customer last, for {wait_seconds}.",
        "先由上次服务的 {agent} 接听，最多等候 {wait_seconds}。",
    ),
    "preferred_busy": (
        "The preferred agent {agent} was not free: straight to the queue.",
        "首选坐席 {agent} 不空闲，直接进入队列。",
    ),
    # why the place changed
    "late_lookup": (
        "Moved when the customer record answered: {tier}.",
        "客户资料返回后调整位置：{tier}。",
    ),
    "kept_place": (
        "Moved to the place kept for the callback that was promised.",
        "已移至承诺回呼时保留的位置。",
    ),
    "not_asked": (
        "The switch did not ask before queueing; moved when the caller was seen waiting: {tier}.",
        "交换机排队前未询问，发现其等候后调整位置：{tier}。",
    ),
    "not_delivered": (
        "The answer did not reach the switch in time; moved afterwards: {tier}.",
        "答复未及时送达交换机，随后调整位置：{tier}。",
    ),
    "customer_changed": (
        "Moved because the customer's tier changed: {tier}.",
        "客户等级变更后调整位置：{tier}。",
    ),
    "policy_changed": (
        "Moved because the routing policy changed: {tier}.",
        "路由策略变更后调整位置：{tier}。",
    ),
    "surge_began": (
        "Moved because a surge began in this queue: {tier}.",
        "队列进入高峰后调整位置：{tier}。",
    ),
    "surge_ended": (
        "Moved back because the surge in this queue ended: {tier}.",
        "队列高峰结束后恢复位置：{tier}。",
    ),
    "caller_known_better": (
        "Moved because it became known who calls: {tier}.",
        "确认来电者身份后调整位置：{tier}。",
    ),
    # what a supervisor did
    "put_first": ("Moved before all others by {by}: {reason}", "由 {by} 移至队首：{reason}"),
    "moved_queue": (
        "Moved from the queue {queue} by {by}: {reason}",
        "由 {by} 从队列 {queue} 移入：{reason}",
    ),
    "taken": ("Put through to {agent} by {by}: {reason}", "由 {by} 转给坐席 {agent} 接听：{reason}"),
    "move_failed": (
        "The switch did not move the caller: the place in line stays.",
        "交换机未能调整位置，位置不变。",
    ),
}


class Sentence(NamedTuple):
    """Parameters ending in `_seconds` are durations, `tier` and `source` are looked up by name."""

    key: str
    parameters: Mapping[str, Value]

    def text(self, language: str, tiers: Names = TIER_NAMES) -> str:
        """English, unless `language` is zh."""
        told = document(self, tiers)["zh" if language.startswith("zh") else "en"]
        return str(told)


def document(sentence: Sentence, tiers: Names = TIER_NAMES) -> Mapping[str, Any]:
    """For the page: the key with its parameters, and both texts."""
    tier = str(sentence.parameters.get("tier", ""))
    names = tiers.get(tier, {})
    return _document(
        sentence.key, tuple(sentence.parameters.items()), names.get("en", tier), names.get("zh", tier)
    )


@lru_cache(maxsize=1024)
def _document(key: str, parameters: tuple[tuple[str, Value], ...], en: str, zh: str) -> Mapping[str, Any]:
    """Said once: a queue's callers stand there for the same few reasons, and each is told who stands before him."""
    english, chinese = TEXTS[key]
    return {
        "key": key,
        "parameters": dict(parameters),
        "en": english.format_map({name: _shown(name, value, "en", en) for name, value in parameters}),
        "zh": chinese.format_map({name: _shown(name, value, "zh", zh) for name, value in parameters}),
    }


@lru_cache(maxsize=1024)
def duration(seconds: float, language: str) -> str:
    """Two units at most: 45 s, 5 min, 5 min 10 s, 2 h."""
    units = ("小时", "分", "秒") if language == "zh" else ("h", "min", "s")
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    parts = [
        f"{count} {unit}"
        for count, unit in zip((hours, minutes, 0 if hours else rest), units, strict=True)
        if count
    ]
    return " ".join(parts) or f"0 {units[2]}"


def _shown(name: str, value: Value, language: str, tier: str) -> Value:
    if name.endswith("_seconds"):
        return duration(float(value), language)
    if name == "tier":
        return tier
    return SOURCE_NAMES.get(str(value), {}).get(language, value) if name == "source" else value
