"""The shipped dialplan: no telephone dials outside by its own keys or REFER, whatever context its channel is in."""

import re
from collections import defaultdict

import pytest

from tests.servers import REPOSITORY

FILE = REPOSITORY / "config/asterisk/extensions.conf"


def extensions():
    """The lines of each extension, by context and pattern."""
    found, context, exten = defaultdict(list), "", ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if header := re.match(r"\[([\w-]+)\]", line):
            context = header[1]
        elif begin := re.match(r"exten => ([^,]+),1,(.*)", line):
            exten = begin[1]
            found[context, exten].append(begin[2])
        elif more := re.match(r"\s+same => n(?:\(\w+\))?,(.*)", line):
            found[context, exten].append(more[1])
    return found


OUTSIDE = {where: lines for where, lines in extensions().items() if "CTI_OUT_BEFORE}" in " ".join(lines)}


def test_where_outside_numbers_are_dialled():
    assert {context for context, _ in OUTSIDE} == {"cti-dial", "tierline-callback"}


@pytest.mark.parametrize("where", [where for where in OUTSIDE if where[0] != "tierline-callback"])
def test_only_the_number_the_server_allowed_is_dialled(where):
    lines = OUTSIDE[where]
    assert lines[0] == 'GotoIf($["${CTI_MAY}" != "${FILTER(0-9,${EXTEN})}"]?refused)'
    [dial] = [line for line in lines if line.startswith("Dial(")]
    assert "${CTI_MAY}" in dial
    assert "${EXTEN}" not in dial


@pytest.mark.parametrize("where", list(OUTSIDE))
def test_whoever_dials_outside_transfers_inside(where):
    lines = OUTSIDE[where]
    dial = next(number for number, line in enumerate(lines) if line.startswith("Dial("))
    assert "Set(TRANSFER_CONTEXT=cti-transfer)" in lines[:dial]
