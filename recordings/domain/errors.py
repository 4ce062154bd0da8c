"""What can go wrong around recordings. The docstring is the sentence people read.

CtiError
├── RecordingError
│   ├── NameRefused
│   ├── NotWhole
│   ├── FileRefused
│   ├── PathTaken
│   ├── NoSuchStep
│   ├── KeysRefused
│   ├── HearingFailed
│   ├── TranscriptionRefused
│   ├── NoteRefused
│   ├── NumberRefused
│   └── PolicyRefused
├── Unknown
│   ├── RecordingUnknown
│   ├── NoteUnknown
│   ├── ShareUnknown
│   └── AudioGone
└── NotPossibleNow
    ├── NothingToHear
    ├── KeyUnknown
    ├── AudioDamaged
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


class HearingFailed(RecordingError):
    """The process that was to hear the recording ended before it had."""


class TranscriptionRefused(RecordingError):
    """Recordings cannot be transcribed."""


class NoteRefused(RecordingError):
    """A note needs a text, and a moment within the recording."""


class NumberRefused(RecordingError):
    """That is no telephone number."""


class PolicyRefused(RecordingError):
    """The recording policy cannot be used."""


class KeysRefused(RecordingError):
    """The master keys of recordings cannot be used."""


class RecordingUnknown(Unknown):
    """No such recording."""


class NoteUnknown(Unknown):
    """No such note."""


class ShareUnknown(Unknown):
    """The link leads nowhere: it has expired, was taken back, or never was."""


class AudioGone(Unknown):
    """The sound file is no longer in the store."""


class NothingToHear(NotPossibleNow):
    """There is no sound to play for this recording."""


class KeyUnknown(NotPossibleNow):
    """The master key that opens this recording is not among the configured ones."""


class AudioDamaged(NotPossibleNow):
    """What the store holds of this recording is damaged."""


class NotRecorded(NotPossibleNow):
    """You have no call that is recorded."""


class NotFinished(NotPossibleNow):
    """A call of theirs is still going on, or its recording is still being stored: try again in some minutes."""
