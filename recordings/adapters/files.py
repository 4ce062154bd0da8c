"""Ordinary files below a folder: opened without following a link, removed without a fuss."""

import errno
import logging
import os
import stat
from io import BufferedReader
from pathlib import Path

from recordings.domain.errors import FileRefused

log = logging.getLogger(__name__)


def open_regular(place: Path) -> BufferedReader:
    """Open without following a link, and without waiting for a pipe's other end. Raises FileRefused."""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        if fault.errno in {errno.ELOOP, errno.ENXIO}:
            raise FileRefused from fault
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileRefused
    return os.fdopen(descriptor, "rb")


def inside(root: Path, path: str) -> Path:
    """The real place of a path below the root; FileRefused when it leads, by name or by link, elsewhere."""
    place = root / path
    if place.parent.resolve() != place.parent or not place.is_relative_to(root):
        raise FileRefused
    return place


def remove(file: Path) -> None:
    """Take away what is no longer wanted; where that is not allowed, say so and go on."""
    try:
        file.unlink()
    except FileNotFoundError:
        return
    except OSError as fault:
        log.warning("recordings: %s cannot be removed (%s)", file.name, fault.strerror)
