"""When a scene is over: what the last look says of an installation that has come to rest."""

import time
from pathlib import Path

import pytest

from tests.faults import scene
from tests.faults.findings import Finding

ON_ITS_WAY = Finding("wrong", "after-call work ended between the copy of what was published and the export")


class Line:
    def whole(self) -> None:
        pass


class Looked(scene.Scene):
    """A scene without servers; each look takes longer than the quiet does."""

    def __init__(self, folder: Path, *looks: list[Finding]) -> None:
        self.folder, self.notes = folder, []
        self.ami = self.agi = self.mqtt = self.database = Line()
        self._looks = list(looks)
        (folder / "case").mkdir()

    def _look(self) -> list[Finding]:
        (self.folder / "case" / "export.jsonl").write_text("")
        time.sleep(2 * scene.QUIET)
        return self._looks.pop(0)


@pytest.mark.parametrize("last", [[], [ON_ITS_WAY]], ids=["came_to_rest", "still_there"])
async def test_a_look_begun_while_something_moved_has_not_the_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: list[Finding]
) -> None:
    monkeypatch.setattr(scene, "QUIET", 0.05)
    looked = Looked(tmp_path, [ON_ITS_WAY], last)
    assert await looked.verdict() == last
    assert looked._looks == []
