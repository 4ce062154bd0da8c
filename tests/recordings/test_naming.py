import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cti.domain.identifiers import ChannelId, PbxName
from recordings.domain.errors import NameRefused
from recordings.domain.naming import RecordingName, covering, parse, recording_id, store_path

SYSTEMS = st.from_regex(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,20}-)?", fullmatch=True)
CHANNELS = st.builds(
    lambda system, epoch, n: ChannelId(f"{system}{epoch}.{n}"),
    SYSTEMS,
    st.integers(0, 10**11),
    st.integers(0, 10**6),
)

ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine too
NAMES = st.builds(RecordingName, CHANNELS, st.integers(0, 9_999_999_999))
PBXES = st.text(min_size=1, max_size=80).filter(lambda text: text.isprintable()).map(PbxName)


@ANY_SPEED
@given(NAMES)
def test_a_name_reads_back(name):
    assert parse(name.file) == name


@ANY_SPEED
@given(st.tuples(PBXES, NAMES), st.tuples(PBXES, NAMES))
def test_two_recordings_never_share_a_path(one, other):
    assert (store_path(*one) == store_path(*other)) == (one == other)


@ANY_SPEED
@given(PBXES, NAMES)
def test_a_path_never_leaves_the_folder(pbx, name):
    parts = store_path(pbx, name).split("/")
    assert len(parts) == 3
    assert not any(part in {"", ".", ".."} or part.startswith(".") or "\0" in part for part in parts)


@ANY_SPEED
@given(st.text(max_size=60))
def test_whatever_is_accepted_is_a_plain_file_name(text):
    try:
        name = parse(text)
    except NameRefused:
        return
    assert name.file == text
    assert text.isascii()
    assert "/" not in text


@pytest.mark.parametrize(
    "text",
    [
        "", "a.wav", "1.2.wav", "1.2-3.WAV", "1.2-3.wav ", "1.2-3.wav\n", "1.2-03.wav", "../1.2-3.wav", "/1.2-3.wav",
        ".x-1.2-3.wav", "x/1.2-3.wav", "1.2-3.wav.done", "1.2--3.wav", "１.2-3.wav", "1.2-99999999999.wav", "\0-1.2-3.wav",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(NameRefused):
        parse(text)


@pytest.mark.parametrize("pbx", ["", "x" * 81])
def test_a_switch_without_a_usable_name_has_no_folder(pbx):
    with pytest.raises(NameRefused):
        store_path(PbxName(pbx), parse("1.2-3.wav"))


def test_paths_are_by_switch_and_day():
    assert store_path(PbxName("hq/../北"), parse("hq-5.6-1800000000.wav")) == (
        "hq%2F%2E%2E%2F%E5%8C%97/2027-01-15/hq-5.6-1800000000.flac"
    )


def test_the_recording_of_a_visit_is_the_last_begun_before_it():
    names = [parse(f"a-1.1-{epoch}.wav") for epoch in (100, 200, 300)] + [parse("a-1.2-250.wav")]
    assert covering(names, ChannelId("a-1.1"), 299.9) == names[2]  # the dialplan's second may be the next one
    assert covering(names, ChannelId("a-1.1"), 250.0) == names[1]
    assert covering(names, ChannelId("a-1.1"), 50.0) is None
    assert covering(names, ChannelId("a-1.3"), 250.0) is None


def test_ids_come_from_the_visit_alone():
    assert recording_id(PbxName("hq"), ChannelId("hq-5.6"), 1800000000.9) == "hq:hq-5.6-1800000000"
