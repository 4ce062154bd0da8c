"""What preflight says: of each finding its sentence, and what to do about it."""

from collections.abc import Mapping
from typing import Final

Text = Mapping[str, str]
NOTHING: Final[Text] = {}
BY_HAND: Final = "Cannot be seen with the rights we ask for"
BY_HAND_ZH: Final = "以最小权限无法查看"

CHECKS: Final[Mapping[str, tuple[Text, Text]]] = {
    "version_fit": ({"en": "Asterisk {version} moves waiting callers at once.", "zh": "Asterisk {version} 可即时调整等候位置。"}, NOTHING),
    "version_old": (
        {"en": "Asterisk {version} cannot move a waiting caller: late knowledge is lost.", "zh": "Asterisk {version} 无法移动等候中的来电。"},
        {"en": "Upgrade to 18.20, 20.5, 21 or later (22 is the long-term release).", "zh": "请升级到 18.20、20.5、21 或更高版本（22 为长期支持版）。"},
    ),
    "version_unseen": (
        {"en": "The switch does not tell its version.", "zh": "交换机未告知版本。"},
        {"en": "Give the acting account the class reporting, or check by hand: asterisk -V must say 18.20, 20.5, 21 or later.", "zh": "请给操作账号 reporting 权限，或手工执行 asterisk -V，应为 18.20、20.5、21 或更高。"},
    ),
    "system_name_set": ({"en": "The switch is called {name}.", "zh": "交换机名称为 {name}。"}, NOTHING),
    "system_name_missing": (
        {"en": "The switch has no system name: after a restart or beside a second switch, call ids repeat.", "zh": "交换机没有 systemname，重启后或多台交换机间呼叫编号会重复。"},
        {"en": "Set systemname in asterisk.conf, [options], and restart the switch.", "zh": "请在 asterisk.conf 的 [options] 中设置 systemname 并重启。"},
    ),
    "system_name_unseen": (
        {"en": "The switch does not tell its system name.", "zh": "交换机未告知 systemname。"},
        {"en": "Check by hand: asterisk.conf, [options], systemname.", "zh": "请手工检查 asterisk.conf 的 [options] systemname。"},
    ),
    "clock_agrees": ({"en": "The clocks agree.", "zh": "时钟一致。"}, NOTHING),
    "clock_differs": (
        {"en": "The clock of the switch is {seconds} s from ours: callers placed by us and by the dialplan alone mix in the wrong order.", "zh": "交换机时钟与本机相差 {seconds} 秒，排队顺序会错乱。"},
        {"en": "Let both follow NTP (chrony), or pass the time of joining as the second argument of the AGI.", "zh": "请在两端启用 NTP（chrony），或将入队时间作为 AGI 第二个参数传入。"},
    ),
    "clock_unseen": (
        {"en": "The switch does not tell its time.", "zh": "交换机未告知时间。"},
        {"en": "Check by hand that both machines follow NTP.", "zh": "请手工确认两台机器均启用 NTP。"},
    ),
    "autofill_on": ({"en": "Queue {subject} offers several callers at a time.", "zh": "队列 {subject} 已启用 autofill。"}, NOTHING),
    "autofill_off": (
        {"en": "Queue {subject} offers only the first caller: one slow answer holds everybody up.", "zh": "队列 {subject} 仅分配首位来电，一次缓慢应答会阻塞所有人。"},
        {"en": "Set autofill = yes in queues.conf for {subject}, then: queue reload all.", "zh": "请在 queues.conf 为 {subject} 设置 autofill = yes，然后执行 queue reload all。"},
    ),
    "autofill_unseen": (
        {"en": BY_HAND + ": autofill of {subject}.", "zh": BY_HAND_ZH + "：{subject} 的 autofill。"},
        {"en": "Check by hand that queues.conf says autofill = yes, or run preflight with --asterisk-etc DIR on the switch.", "zh": "请手工确认 queues.conf 中 autofill = yes，或在交换机上以 --asterisk-etc DIR 运行预检。"},
    ),
    "longest_free": ({"en": "Priority decides between queues as well.", "zh": "跨队列同样按优先级分配。"}, NOTHING),
    "longest_forced": (
        {"en": "force_longest_waiting_caller overrides every priority between queues.", "zh": "force_longest_waiting_caller 会在队列间覆盖所有优先级。"},
        {"en": "Set force_longest_waiting_caller = no in queues.conf, [general]; prio is as good from 20.19, 22.9 and 23.3.", "zh": "请在 queues.conf 的 [general] 中设为 no；20.19、22.9、23.3 起可用 prio。"},
    ),
    "longest_unseen": (
        {"en": BY_HAND + ": force_longest_waiting_caller.", "zh": BY_HAND_ZH + "：force_longest_waiting_caller。"},
        {"en": "Check by hand that queues.conf does not say yes, or run preflight with --asterisk-etc DIR on the switch.", "zh": "请手工确认 queues.conf 未设为 yes，或在交换机上以 --asterisk-etc DIR 运行预检。"},
    ),
    "queue_not_there": (
        {"en": "The routing policy sends callers of {queue} to {subject}, and this switch has no such queue: they would be told that nobody is available.", "zh": "路由策略将 {queue} 的来电转至 {subject}，但交换机上没有该队列，来电会被告知无人可接。"},
        {"en": "Correct the name in the routing policy, or add the queue to queues.conf, then: queue reload all.", "zh": "请更正路由策略中的名称，或在 queues.conf 中添加该队列并执行 queue reload all。"},
    ),
    "queues_none": (
        {"en": "The switch shows no queue.", "zh": "交换机没有任何队列。"},
        {"en": "Check queues.conf, then: queue reload all.", "zh": "请检查 queues.conf 并执行 queue reload all。"},
    ),
    "strategy_linear": (
        {"en": "Queue {subject} is linear: always the same agents first, and members added later need a restart.", "zh": "队列 {subject} 为 linear 策略，总是先振同一批坐席。"},
        {"en": "Use rrmemory, leastrecent or rrordered, unless this is wanted.", "zh": "如非有意，请改用 rrmemory、leastrecent 或 rrordered。"},
    ),
    "members_local": (
        {"en": "Queue {subject} has members behind Local channels ({members}): transfers are hidden and talk times wrong.", "zh": "队列 {subject} 含 Local 成员（{members}），转接不可见、通话时长不准。"},
        {"en": "Use the phone itself (PJSIP/…) as the interface, and the hint as the state interface.", "zh": "请以话机本身（PJSIP/…）作为接口，并用 hint 作状态接口。"},
    ),
    "members_none": (
        {"en": "Queue {subject} has no members.", "zh": "队列 {subject} 没有成员。"},
        {"en": "Let agents log in, or add static members in queues.conf.", "zh": "请让坐席签入，或在 queues.conf 中添加静态成员。"},
    ),
    "baseline_set": ({"en": "Callers come with a time of arrival as priority.", "zh": "来电带有按到达时间计算的优先级。"}, NOTHING),
    "baseline_not_seen": (
        {"en": "Callers wait in {subject} without an arrival as priority: they stand behind everybody we place.", "zh": "{subject} 中有来电未带到达时间优先级，会排在所有人之后。"},
        {"en": "Before Queue(), set QUEUE_PRIO=$[2000000000-${{EPOCH}}+1767225600]; or set dialplan_sets_baseline: false in the routing policy.", "zh": "请在 Queue() 之前设置 QUEUE_PRIO=$[2000000000-${{EPOCH}}+1767225600]，或在路由策略中设 dialplan_sets_baseline: false。"},
    ),
    "baseline_missing": (
        {"en": "The dialplan does not set QUEUE_PRIO before Queue(): without us, order is lost.", "zh": "拨号方案未在 Queue() 前设置 QUEUE_PRIO。"},
        {"en": "Before Queue(), set QUEUE_PRIO=$[2000000000-${{EPOCH}}+1767225600]; or set dialplan_sets_baseline: false in the routing policy.", "zh": "请在 Queue() 之前设置 QUEUE_PRIO=$[2000000000-${{EPOCH}}+1767225600]，或在路由策略中设 dialplan_sets_baseline: false。"},
    ),
    "baseline_unseen": (
        {"en": "Nobody waits and the dialplan cannot be seen: the baseline of QUEUE_PRIO is unknown.", "zh": "无人等候且无法查看拨号方案，QUEUE_PRIO 基线未知。"},
        {"en": "Run preflight again while somebody waits, or with --asterisk-etc DIR on the switch.", "zh": "请在有人等候时再次预检，或在交换机上以 --asterisk-etc DIR 运行。"},
    ),
    "asks_us": ({"en": "The dialplan asks for a place before queueing.", "zh": "拨号方案在排队前会询问位置。"}, NOTHING),
    "asks_nobody": (
        {"en": "The dialplan does not ask us before queueing: callers are moved only when they wait already.", "zh": "拨号方案排队前未询问，只能在等候后调整位置。"},
        {"en": "Add AGI(agi://SERVER:4573/route,QUEUE) before Queue(), as in config/asterisk/extensions.conf.", "zh": "请在 Queue() 前加入 AGI(agi://SERVER:4573/route,QUEUE)，参见 config/asterisk/extensions.conf。"},
    ),
    "timestamps_on": ({"en": "Events carry their own time.", "zh": "事件带有自身时间戳。"}, NOTHING),
    "timestamps_off": (
        {"en": "Events carry no time of their own: every duration is measured by our clock.", "zh": "事件没有自身时间戳。"},
        {"en": "Set timestampevents = yes in manager.conf, [general], then: manager reload.", "zh": "请在 manager.conf 的 [general] 设置 timestampevents = yes 并执行 manager reload。"},
    ),
    "timestamps_unseen": (
        {"en": "No event has been seen: whether events carry a time is unknown.", "zh": "尚未收到事件，无法判断时间戳。"},
        {"en": "Check by hand: manager.conf, [general], timestampevents = yes.", "zh": "请手工检查 manager.conf 的 [general] timestampevents = yes。"},
    ),
    "sequence_on": ({"en": "Events are numbered: a gap is noticed.", "zh": "事件带有序号，可发现丢失。"}, NOTHING),
    "sequence_off": (
        {"en": "Events are not numbered: a lost event goes unnoticed.", "zh": "事件没有序号，丢失无法察觉。"},
        {"en": "Set debug = on in manager.conf, [general], then: manager reload.", "zh": "请在 manager.conf 的 [general] 设置 debug = on 并执行 manager reload。"},
    ),
    "sequence_unseen": (
        {"en": "No event has been seen: whether events are numbered is unknown.", "zh": "尚未收到事件，无法判断序号。"},
        {"en": "Check by hand: manager.conf, [general], debug = on.", "zh": "请手工检查 manager.conf 的 [general] debug = on。"},
    ),
    "write_timeout_long": ({"en": "A busy moment of ours is tolerated for {ms} ms.", "zh": "写超时为 {ms} 毫秒。"}, NOTHING),
    "write_timeout_short": (
        {"en": "The switch cuts us off after {ms} ms of a full line.", "zh": "线路繁忙 {ms} 毫秒后交换机即断开。"},
        {"en": "Set writetimeout = 5000 for both accounts in manager.conf, then: manager reload.", "zh": "请在 manager.conf 中为两个账号设置 writetimeout = 5000 并执行 manager reload。"},
    ),
    "write_timeout_unseen": (
        {"en": BY_HAND + ": writetimeout.", "zh": BY_HAND_ZH + "：writetimeout。"},
        {"en": "Check by hand that manager.conf says writetimeout = 5000 for both accounts (default: 100).", "zh": "请手工确认 manager.conf 两个账号均为 writetimeout = 5000（默认 100）。"},
    ),
    "penalties_off": (
        {"en": "In {subject} penalties do not count while it has {limit} members or fewer: skills are not heeded.", "zh": "队列 {subject} 成员不超过 {limit} 人时优先级惩罚值不生效，技能路由失效。"},
        {"en": "Take penaltymemberslimit out of {subject} in queues.conf, then: queue reload all.", "zh": "请在 queues.conf 的 {subject} 中去掉 penaltymemberslimit 并执行 queue reload all。"},
    ),
    "rights_fit": ({"en": "The {subject} account may do what it needs, and no more.", "zh": "{subject} 账号权限恰当。"}, NOTHING),
    "rights_missing": (
        {"en": "The {subject} account may not use: {actions}.", "zh": "{subject} 账号缺少权限：{actions}。"},
        {"en": "In manager.conf give the acting account write = call,agent,originate,reporting, then: manager reload.", "zh": "请在 manager.conf 中给操作账号 write = call,agent,originate,reporting 并执行 manager reload。"},
    ),
    "rights_too_many": (
        {"en": "The {subject} account may use more than we ever ask: {actions}.", "zh": "{subject} 账号权限过大：{actions}。"},
        {"en": "In manager.conf take system, command and config (for the listening account: all write classes) away.", "zh": "请在 manager.conf 中去掉 system、command、config（监听账号：去掉全部 write）。"},
    ),
    "rights_unseen": (
        {"en": "Which actions the {subject} account may use cannot be seen.", "zh": "无法查看 {subject} 账号的权限。"},
        {"en": "Check by hand: manager show user.", "zh": "请手工执行 manager show user 检查。"},
    ),
}  # fmt: skip
