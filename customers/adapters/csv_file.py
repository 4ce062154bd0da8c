"""Customer files as spreadsheets write them: UTF-8 with or without a mark, UTF-16, GB 18030."""

import codecs
from pathlib import Path
from typing import Final

from customers.domain.errors import FileUnreadable

LARGEST: Final = 256 * 1024 * 1024


class CsvFiles:
    def text(self, path: Path) -> str:
        try:
            size = path.stat().st_size
            content = path.read_bytes() if size <= LARGEST else None
        except OSError as error:
            raise FileUnreadable(f"{path}: {error.strerror}.") from error
        if content is None:
            raise FileUnreadable(f"{path}: larger than {LARGEST // 1024 // 1024} MB; split it.")
        try:
            return self.decode(content)
        except FileUnreadable as error:
            raise FileUnreadable(f"{path}: {error.detail}") from error

    def decode(self, content: bytes) -> str:
        text = self._decoded(content)
        if "\0" in text:
            raise FileUnreadable(
                f"line {text.count(chr(10), 0, text.index(chr(0))) + 1}: a NUL; this is no text file."
            )
        return text

    def _decoded(self, content: bytes) -> str:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return _strict(content, "utf-16")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            first_bad = error.start
            try:
                return content.decode("gb18030")
            except UnicodeDecodeError:
                # Told as UTF-8's problem: that is what the file should become.
                line = content.count(b"\n", 0, first_bad) + 1
                column = first_bad - (content.rfind(b"\n", 0, first_bad) + 1) + 1
                raise FileUnreadable(
                    f"line {line}, byte {column}: neither UTF-8 nor GB 18030; save the file as UTF-8."
                ) from error


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileUnreadable(f"byte {error.start + 1}: not {encoding}; save the file as UTF-8.") from error
