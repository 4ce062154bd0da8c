"""What can go wrong around customers. The docstring is the sentence people read.

CustomersError            (a CtiError)
├── UnknownCustomer       (also cti's Unknown)
├── FieldRefused
├── NumberTaken
├── FileUnreadable
└── ImportRefused
"""

from collections.abc import Sequence

from cti.domain.errors import CtiError, Unknown
from customers.domain.problems import Problem


class CustomersError(CtiError):
    """Something went wrong around customers."""


class UnknownCustomer(CustomersError, Unknown):
    """No such customer."""


class FieldRefused(CustomersError):
    """A field cannot be accepted:"""  # noqa: D415 - the field and its reason follow


class NumberTaken(CustomersError):
    """The number belongs to another customer already."""


class FileUnreadable(CustomersError):
    """The file cannot be read:"""  # noqa: D415 - the reason follows


class ImportRefused(CustomersError):
    """Nothing was imported."""

    def __init__(self, file: str, problems: Sequence[Problem], total: int) -> None:
        """`problems` may be the first of `total`."""
        self.file, self.problems, self.total = file, tuple(problems), total
        lines = [problem.at(file) for problem in self.problems]
        if total > len(lines):
            lines.append(f"… and {total - len(lines)} more")
        noun = "problem" if total == 1 else "problems"
        super().__init__(f"{total} {noun}; correct the file and import it again.\n" + "\n".join(lines))
