"""Where sounds are kept: a folder, a bucket of a real S3 service, and both; the same suite for each."""

import logging
import pickle
import random
from collections.abc import Iterator

import httpx
import pytest
from moto.server import ThreadedMotoServer

from recordings.adapters.bucket import Bucket, Service
from recordings.adapters.either import Either
from recordings.adapters.folder import Folder
from recordings.domain.errors import FileRefused

SOUND = random.Random(1).randbytes(700_000)
PATH = "hq%2F/2027-01-15/hq-1.2-3.flac"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    signed = (
        "AWS4-HMAC-SHA256 Credential=us/20270101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x"
    )
    with httpx.Client(base_url=f"http://{host}:{port}", headers={"Authorization": signed}) as http:
        assert http.put("/sounds").status_code == 200
    yield Service("sounds", f"http://{host}:{port}", "us-east-1", "us", "secret-of-ours", "")
    server.stop()


@pytest.fixture(params=["folder", "bucket", "either"])
def shelf(request, tmp_path):
    if request.param == "folder":
        return Folder(tmp_path / "store")
    service = request.getfixturevalue("service")._replace(prefix=tmp_path.name)
    bucket = Bucket(service)
    return bucket if request.param == "bucket" else Either(bucket, Folder(tmp_path / "before"))


def put(shelf, path=PATH, content=SOUND):
    return shelf.put(path, 1_800_000_000.25, lambda file: file.write(content))


def test_what_is_put_is_there_whole_with_its_time(shelf):
    assert put(shelf) == len(SOUND)
    with shelf.place(PATH).open() as file:
        assert file.read() == SOUND
    assert shelf.look(PATH) == (PATH, len(SOUND), 1_800_000_000.25)
    (lying,) = shelf.listing()
    assert lying[:2] == (PATH, len(SOUND))


def test_it_is_read_from_anywhere_in_another_process_too(shelf):
    put(shelf)
    place = pickle.loads(pickle.dumps(shelf.place(PATH)))
    luck = random.Random(2)
    with place.open() as file:
        for _ in range(20):
            start = luck.randrange(len(SOUND))
            file.seek(start)
            assert file.read(1000) == SOUND[start : start + 1000]
        assert file.seek(0, 2) == len(SOUND)
        assert file.read(1) == b""


def test_what_is_not_there(shelf):
    assert shelf.look(PATH) is None
    assert list(shelf.listing()) == []
    with pytest.raises(FileNotFoundError):
        shelf.place(PATH).open()
    shelf.remove(PATH)


def test_what_is_removed_is_gone(shelf):
    put(shelf)
    put(shelf, "hq/other.flac", b"1")
    shelf.remove(PATH)
    assert shelf.look(PATH) is None
    assert [one.path for one in shelf.listing()] == ["hq/other.flac"]


def test_broken_off_it_is_not_there_at_all(shelf):
    def broken(file):
        file.write(SOUND)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        shelf.put(PATH, 1.0, broken)
    assert shelf.look(PATH) is None
    assert list(shelf.listing()) == []


def test_put_again_it_is_the_newer_one(shelf):
    put(shelf, content=b"before")
    put(shelf)
    with shelf.place(PATH).open() as file:
        assert file.read() == SOUND


def test_what_was_kept_before_there_was_a_bucket_is_found(service, tmp_path):
    folder = Folder(tmp_path / "before")
    put(folder, "hq/old.wav", b"old")
    both = Either(Bucket(service._replace(prefix=tmp_path.name)), folder)
    put(both)
    with both.place("hq/old.wav").open() as file:
        assert file.read() == b"old"
    assert both.look("hq/old.wav").size == 3
    assert sorted(one.path for one in both.listing()) == [PATH, "hq/old.wav"]
    assert [one.path for one in folder.listing()] == ["hq/old.wav"]
    both.remove("hq/old.wav")
    assert list(folder.listing()) == []


def test_a_service_that_does_not_answer_is_a_disk_that_does_not_work(service):
    gone = Bucket(service._replace(endpoint="http://127.0.0.1:9"))
    for deed in (put, lambda shelf: shelf.look(PATH), lambda shelf: shelf.place(PATH).open()):
        with pytest.raises(OSError, match="the bucket: ") as refused:
            deed(gone)
        assert not isinstance(refused.value, FileNotFoundError)
        assert "\n" not in str(refused.value)
        assert "secret" not in str(refused.value)


def test_a_bucket_that_is_not_there_is_no_missing_sound(service):
    with pytest.raises(OSError):
        put(Bucket(service._replace(bucket="no-such-bucket")))


def test_its_keys_are_never_shown(service):
    assert "secret" not in repr(Bucket(service).place(PATH))


@pytest.mark.parametrize("path", ["../outside.flac", "a/../../outside.flac", "..", "hq/../../outside.flac"])
def test_no_name_leads_out_of_the_store(shelf, tmp_path, request, path):
    """What lies beside it, in the folder above or in the same bucket, is neither read, nor written over, nor removed."""
    service = request.getfixturevalue("service")
    beside = Bucket(service)
    put(beside, "outside.flac", b"theirs")
    (tmp_path / "outside.flac").write_bytes(b"theirs")
    with pytest.raises((OSError, FileRefused)):
        put(shelf, path, b"ours")
    with pytest.raises((OSError, FileRefused)):
        shelf.place(path).open()
    with pytest.raises((OSError, FileRefused)):
        shelf.remove(path)
    with beside.place("outside.flac").open() as file:
        assert file.read() == b"theirs"
    assert (tmp_path / "outside.flac").read_bytes() == b"theirs"
    assert list(shelf.listing()) == []
