"""What can go wrong around recordings. The docstring is the sentence people read.

CtiError
├── RecordingError
│   ├── NameRefused
│   ├── NotWhole
│   ├── FileRefused
│   ├── PathTaken
│   ├── NoSuchStep
│   └── PolicyRefused
├── Unknown
│   ├── RecordingUnknown
│   └── AudioGone
└── NotPossibleNow
    ├── NothingToHear
    ├── NotFinished
    └── NotRecorded
"""

from cti.domain.errors import CtiError, NotPossibleNow, Unknown


class RecordingError(CtiError):
    """Something is wrong with a recording."""


class NameRefused(RecordingError):
    """A recording's name must be <uniqueid>-<epoch>.wav, from ids only."""


class NotWhole(RecordingError):
    """The sound file is not whole."""


class FileRefused(RecordingError):
    """Only an ordinary file inside the folder is taken."""


class PathTaken(RecordingError):
    """The store already holds another sound under this name."""


class NoSuchStep(RecordingError):
    """A recording in this state cannot take this step."""


class PolicyRefused(RecordingError):
    """The recording policy cannot be used."""


class RecordingUnknown(Unknown):
    """No such recording."""


class AudioGone(Unknown):
    """The sound file is no longer in the store."""


class NothingToHear(NotPossibleNow):
    """There is no sound to play for this recording."""


class NotRecorded(NotPossibleNow):
    """You have no call that is recorded."""


class NotFinished(NotPossibleNow):
    """A call of theirs is still going on, or its recording is still being stored: try again in some minutes."""
