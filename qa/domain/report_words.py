"""The words of reports, in both languages."""

from typing import Final

from qa.domain.scorecard import Words

_WORDS: Final[dict[str, Words]] = {
    "title": Words("Quality report", "质检报告"),
    "period": Words("Calls of", "通话时间"),
    "whole": Words("All calls together", "总体"),
    "by.none": Words("Trend", "趋势"),
    "by.team": Words("By team", "按班组"),
    "by.agent": Words("By agent", "按坐席"),
    "by.queue": Words("By queue", "按队列"),
    "by.tier": Words("By customer tier", "按客户等级"),
    "by.question": Words("Trend", "趋势"),
    "trend": Words("Score, 0 to 100", "得分趋势（0–100）"),
    "questions": Words("By question, weakest first", "按评分项（由弱到强）"),
    "from": Words("From", "开始"),
    "until": Words("To", "结束"),
    "team": Words("Team", "班组"),
    "agent": Words("Agent", "坐席"),
    "queue": Words("Queue", "队列"),
    "tier": Words("Tier", "等级"),
    "scorecard": Words("Scorecard", "评分表"),
    "question": Words("Question", "评分项"),
    "calls": Words("Calls", "通话数"),
    "customer": Words("Customer accuracy", "客户关键准确率"),
    "business": Words("Business accuracy", "业务关键准确率"),
    "compliance": Words("Compliance accuracy", "合规关键准确率"),
    "passed": Words("Passed", "合格率"),
    "score": Words("Score", "得分"),
    "low": Words("low", "下限"),
    "high": Words("high", "上限"),
    "answers": Words("Answers", "评分次数"),
    "not_applicable": Words("N/A", "不适用"),
    "reached": Words("Reached", "得分率"),
    "nobody": Words("(none)", "（无）"),
    "few": Words("too few", "样本不足"),
    "tier.platinum": Words("Platinum", "铂金"),
    "tier.gold": Words("Gold", "黄金"),
    "tier.iron": Words("Iron", "铁"),
    "tier.lead": Words("Lead", "铅"),
    "basis.random": Words(
        "Basis: the random draw. {n} of {drawn} drawn calls are scored; they stand for all calls.",
        "统计依据：随机抽样。抽中 {drawn} 通，已评 {n} 通，可代表全部通话。",
    ),
    "basis.stratified": Words(
        "Basis: the stratified draw. {n} of {drawn} drawn calls are scored; each counts for as many calls as it stands for.",
        "统计依据：分层抽样。抽中 {drawn} 通，已评 {n} 通，按各自代表的通话数加权。",
    ),
    "basis.all": Words(
        "Basis: all {n} scored calls, also those chosen by hand or for their signs. They do not stand for other calls.",
        "统计依据：全部已评通话，共 {n} 通，含人工挑选和按风险挑选的，不能代表其他通话。",
    ),
    "note.accuracy": Words(
        "An accuracy is the share of calls without a critical error of that kind. The score is a number of its own.",
        "准确率为没有该类关键差错的通话占比；得分另计，不与准确率混合。",
    ),
    "note.few": Words(
        "Low and high bound what the true value is at 95 %. Below {n} calls no figure is told.",
        "上下限为 95 % 置信区间；少于 {n} 通时不给出数值。",
    ),
    "note.beyond": Words("{n} older reviews were too many to be counted.", "另有 {n} 条较早的质检未计入。"),
}


def word(language: str, key: str) -> str:
    words = _WORDS[key]
    return words.zh if language == "zh" else words.en
