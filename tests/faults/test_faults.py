"""A few minutes of `make faults` in every run of the tests: those faults of the table that are marked for it, once each."""

import pytest

from tests.faults.faults import FAULTS, Fault
from tests.faults.playing import a_seed, play

pytestmark = [pytest.mark.live, pytest.mark.faults, pytest.mark.timeout(240)]

TESTED = [fault for fault in FAULTS if fault.tested]


@pytest.mark.parametrize("fault", TESTED, ids=lambda fault: f"{fault.name}, {fault.scene.where}")
async def test_nothing_is_lost(fault: Fault) -> None:
    seed = a_seed()
    print(f"SEED={seed}")
    played = await play(fault, seed)
    assert played.findings == [], f"SEED={seed}; kept in {played.kept}"
    assert played.calls > 0
