"""Transcription by faster-whisper, from a model in a folder of this machine. It is asked of no other machine, ever."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from recordings.adapters.hearing_pool import SideProcesses, Where
from recordings.domain.errors import AudioGone, TranscriptionRefused
from recordings.domain.transcript import Line
from recordings.ports import Place

TRANSCRIBING_SECONDS = 6 * 3600.0
"""Longer than a long call takes on a slow machine."""
_RATE = 16_000


class WhisperTranscriber:
    """One process of lowest priority, which keeps the model."""

    def __init__(self, model: Path, language: str, place: Where) -> None:
        """Raises TranscriptionRefused when the model or the engine is not there."""
        if not (model / "model.bin").is_file():
            raise TranscriptionRefused(
                f"{model} holds no model: a model.bin in CTranslate2 format is expected."
            )
        if find_spec("faster_whisper") is None:
            raise TranscriptionRefused("The engine is not installed: pip install .[transcription]")
        self._model, self._language, self._place = str(model), language or None, place
        self._processes = SideProcesses(1, TRANSCRIBING_SECONDS)
        self.close = self._processes.close

    async def transcribe(self, path: str) -> Sequence[Line]:
        try:
            return await self._processes.do(_transcribe, await self._place(path), self._model, self._language)
        except FileNotFoundError as gone:
            raise AudioGone from gone


def _transcribe(place: Place, model: str, language: str | None) -> list[Line]:
    import soundfile
    from faster_whisper import decode_audio

    with place.open() as file:
        apart = soundfile.info(file).channels == 2
        file.seek(0)
        sound = decode_audio(file, sampling_rate=_RATE, split_stereo=apart)
    lanes: list[tuple[int | None, Any]] = [(0, sound[0]), (1, sound[1])] if apart else [(None, sound)]
    said = []
    for lane, samples in lanes:
        spoken, _ = _loaded(model).transcribe(samples, language=language, vad_filter=True)
        said += [Line(lane, one.start, one.end, one.text.strip()) for one in spoken]
    return sorted(said, key=lambda line: line.began)


@lru_cache(1)
def _loaded(model: str) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(model, device="cpu", compute_type="int8", local_files_only=True)
