"""`make fuzz`: atheris on one reader after another, guided by the branches it takes; `READER=` for one, `SECONDS=` for how long each.

What it finds is kept in `.run/fuzz/<reader>/`, and tried again first the next time. Exit 1 when a reader fell.
"""

import os
import subprocess
import sys

from tests.servers import REPOSITORY

SECONDS = 60
LONGEST = 4096  # bytes


def one(name: str) -> None:
    """A process of its own: the fuzzer ends it."""
    import atheris

    place = REPOSITORY / ".run" / "fuzz" / name
    place.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=["cti", "customers", "routing"]):  # all of Python takes minutes
        from tests.fuzz.readers import READERS
    seconds = os.environ.get("SECONDS", str(SECONDS))
    words = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={place}/found-",
        str(place),
    ]
    atheris.Setup([sys.argv[0], *words], READERS[name])
    atheris.Fuzz()


def main() -> int:
    if len(sys.argv) > 1:
        one(sys.argv[1])
        return 0
    from tests.fuzz.readers import READERS

    names = [os.environ["READER"]] if os.environ.get("READER") else list(READERS)
    fallen = [
        name
        for name in names
        if subprocess.run([sys.executable, "-m", "tests.fuzz", name], cwd=REPOSITORY, check=False).returncode
    ]
    print(f"fallen: {', '.join(fallen)}" if fallen else "none fell", file=sys.stderr)
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
