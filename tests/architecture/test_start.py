"""What a start imports before callers are routed: each library here costs a caller who waits for it a tenth of a second."""

import subprocess
import sys

LATER = {"alembic", "fastapi", "httpx", "numpy", "soundfile", "starlette", "uvicorn"}


def test_routing_waits_for_no_library_that_it_does_not_need():
    told = subprocess.run(
        [sys.executable, "-c", "import sys, config.running; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not LATER & {name.partition(".")[0] for name in told.stdout.split()}
