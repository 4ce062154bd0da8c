"""When a file is final, and what becomes of its recording then: one pure decision."""

from typing import NamedTuple

from recordings.domain.errors import NotWhole
from recordings.domain.naming import JOIN_TOLERANCE, Lane, RecordingName
from recordings.domain.policy import RecordingPolicy
from recordings.domain.recording import Reason, Recording, Step
from recordings.domain.wav import Wav, read_head

MARKER_GRACE = 60.0
"""Seconds after the switch's marker in which the call's end may still reach us; then the marker alone will do."""

OWN_FILE_SECONDS = 5.0
"""The dialplan starts a recording just before the queue: one begun longer before the joining is another visit's."""


ALONE = {Reason.CUSTOMER_ALONE: Lane.CUSTOMER, Reason.AGENT_ALONE: Lane.AGENT}
"""Why a recording is one voice only."""


class Half(NamedTuple):
    """What the folder shows of one voice's file."""

    lane: Lane
    size: int
    regular: bool
    head: bytes | None


class FileFacts(NamedTuple):
    """What the folder shows of a recording. `regular`: an ordinary file, not a link or a folder.

    `head` is None when we may not read it. Where the switch leaves each voice in a file of its own, `halves` are what
    counts: `size` (bytes) is of both together, `changed_at` of the later one.
    """

    size: int
    changed_at: float
    done_at: float | None  # when the switch's marker was put
    regular: bool
    head: bytes | None
    halves: tuple[Half, ...] = ()


class Watch(NamedTuple):
    """Since when a file has had this size, as we saw it."""

    size: int
    since: float


class Verdict(NamedTuple):
    """The step to take, or None to look again later."""

    step: Step | None
    reason: Reason = Reason.NONE
    detail: str = ""


WAIT = Verdict(None)

_MAY_NOT_READ = "The server may not read it: check the folder's permissions."


def watched(before: Watch | None, facts: FileFacts | None, now: float) -> Watch | None:
    if facts is None:
        return None
    if before is not None and before.size == facts.size:
        return before
    return Watch(facts.size, now)


def covers(name: RecordingName, facts: FileFacts, recording: Recording) -> bool:
    """Whether this visit can be in the file: begun for it, or for an earlier visit and still written to."""
    own = name.epoch >= recording.joined_at - OWN_FILE_SECONDS
    return own or facts.changed_at >= recording.started_at - JOIN_TOLERANCE


def judge(
    recording: Recording,
    facts: FileFacts | None,
    watch: Watch | None,
    policy: RecordingPolicy,
    now: float,
) -> Verdict:
    """What to do now about an unsettled recording whose file shows these facts (None: no file)."""
    if facts is None:
        return _without_file(recording, policy, now) if now >= patience(recording, policy) else WAIT
    if not _final(recording, facts, watch, policy, now):
        if recording.cleared_at is not None and now >= _longest(recording, policy):
            return Verdict(Step.MISS, Reason.STILL_GROWING, "The file never came to rest.")
        return Verdict(Step.SEE)
    if not_allowed := _forbidden(recording, policy):
        return not_allowed
    verdict = _of_final_file(facts, policy)
    unfinished = verdict.step is Step.MISS or verdict.reason in ALONE
    if unfinished and now < patience(recording, policy):
        return Verdict(Step.SEE)  # a slow disk may still bring the rest
    return verdict


def judge_late(facts: FileFacts, watch: Watch | None, policy: RecordingPolicy, now: float) -> Verdict:
    """The same for a recording given up as missing: only a whole file changes anything."""
    if facts.done_at is None and (watch is None or now - watch.since < policy.stable_seconds):
        return WAIT
    verdict = _of_final_file(facts, policy)
    return verdict if verdict.step is Step.STORE and verdict.reason not in ALONE else WAIT


def _final(
    recording: Recording, facts: FileFacts, watch: Watch | None, policy: RecordingPolicy, now: float
) -> bool:
    cleared = recording.cleared_at
    if facts.done_at is not None:
        return cleared is not None or now - facts.done_at >= MARKER_GRACE
    if watch is None:
        return False
    if cleared is None:
        cleared = recording.started_at + policy.unended_after_hours * 3600
    return now - max(watch.since, cleared) >= policy.stable_seconds


def patience(recording: Recording, policy: RecordingPolicy) -> float:
    """Until when an absent or damaged file may still come right."""
    if recording.cleared_at is not None:
        return recording.cleared_at + policy.missing_after_seconds
    return _longest(recording, policy) + policy.missing_after_seconds


def _longest(recording: Recording, policy: RecordingPolicy) -> float:
    start = recording.started_at if recording.cleared_at is None else recording.cleared_at
    return start + policy.unended_after_hours * 3600


def _forbidden(recording: Recording, policy: RecordingPolicy) -> Verdict | None:
    if recording.forbidden is not Reason.NONE:
        return Verdict(Step.EXCLUDE, recording.forbidden, "A rule forbids to record this call.")
    if not policy.records(recording.queue):
        return Verdict(Step.EXCLUDE, Reason.QUEUE_NOT_RECORDED, "This queue is not recorded.")
    return None


def _without_file(recording: Recording, policy: RecordingPolicy, now: float) -> Verdict:
    if not_allowed := _forbidden(recording, policy):
        return not_allowed
    if recording.bridge_seconds == 0.0:
        return Verdict(Step.EXCLUDE, Reason.NO_TALK, "The caller left before anybody was through.")
    if recording.cleared_at is None:
        return Verdict(Step.MISS, Reason.NEVER_APPEARED, "Neither a file nor the call's end was ever seen.")
    waited = now - recording.cleared_at
    return Verdict(Step.MISS, Reason.NEVER_APPEARED, f"No file {waited:.0f} s after the last hang-up.")


def _of_final_file(facts: FileFacts, policy: RecordingPolicy) -> Verdict:
    if facts.halves:
        return _of_halves(facts.halves, policy)
    if not facts.regular:
        return Verdict(Step.MISS, Reason.FILE_REFUSED, "It is a link or a folder, not a sound file.")
    if facts.size == 0:
        return Verdict(Step.MISS, Reason.EMPTY_FILE, "The file has no bytes at all.")
    if facts.head is None:
        return Verdict(Step.MISS, Reason.UNREADABLE, _MAY_NOT_READ)
    try:
        wav = read_head(facts.head, facts.size)
    except NotWhole as fault:
        return Verdict(Step.MISS, Reason.DAMAGED, fault.detail)
    return _of_sound((wav,), policy)


def _of_halves(halves: tuple[Half, ...], policy: RecordingPolicy) -> Verdict:
    """One whole voice is worth keeping; the sentence says what became of the other."""
    if not all(half.regular for half in halves):
        return Verdict(Step.MISS, Reason.FILE_REFUSED, "It is a link or a folder, not a sound file.")
    whole: dict[Lane, Wav] = {}
    trouble = dict.fromkeys(Lane, "it is not there")
    for half in halves:
        if half.head is None:
            trouble[half.lane] = _MAY_NOT_READ
            continue
        try:
            whole[half.lane] = read_head(half.head, half.size)
        except NotWhole as fault:
            trouble[half.lane] = fault.detail
    if not whole:
        told = " ".join(f"The {half.lane}'s half: {trouble[half.lane]}" for half in halves)
        unread = all(half.head is None for half in halves)
        return Verdict(Step.MISS, Reason.UNREADABLE if unread else Reason.DAMAGED, told)
    verdict = _of_sound(tuple(whole.values()), policy)
    if verdict.step is not Step.STORE or len(whole) == len(Lane):
        return verdict
    (kept,) = whole
    (lost,) = set(Lane) - {kept}
    reason = next(reason for reason, lane in ALONE.items() if lane is kept)
    told = trouble[lost][:1].lower() + trouble[lost][1:].removesuffix(".")
    return Verdict(Step.STORE, reason, f"Only the {kept} is to be heard; of the {lost}'s half: {told}.")


def _of_sound(wavs: tuple[Wav, ...], policy: RecordingPolicy) -> Verdict:
    seconds = max(wav.seconds for wav in wavs)
    if all(wav.sound_bytes == 0 for wav in wavs):
        return Verdict(Step.EXCLUDE, Reason.NO_SOUND, "The file holds no sound.")
    if seconds < policy.minimum_seconds:
        shortest = f"{policy.minimum_seconds:g} s"
        return Verdict(Step.EXCLUDE, Reason.TOO_SHORT, f"{seconds:.1f} s, the shortest kept is {shortest}.")
    return Verdict(Step.STORE)
