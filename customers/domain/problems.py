"""What is wrong with a file, and where."""

from typing import NamedTuple


class Problem(NamedTuple):
    """`line` and `column` count from 1, in characters of the decoded text."""

    line: int
    column: int
    field: str
    sentence: str

    def at(self, file: str) -> str:
        return f"{file}:{self.line}:{self.column}: {self.field}: {self.sentence}"
