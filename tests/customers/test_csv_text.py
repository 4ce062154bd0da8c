import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.domain.csv_text import rows
from customers.domain.problems import Problem

TEXTS = st.text(alphabet=st.sampled_from('ab,;"\n\r\t 王é'), max_size=12)


@given(
    st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=6), st.sampled_from(["\r\n", "\n"])
)
def test_what_a_spreadsheet_writes_comes_back(table, line_end):
    written = io.StringIO()
    csv.writer(written, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([["a"] * 10, *table])
    read = list(rows(written.getvalue()))
    assert not [row for row in read if isinstance(row, Problem)]
    expected = [row for row in table if any(cell.strip() for cell in row)]
    assert [[cell.text for cell in row] for row in read[1:]] == expected


@given(st.text(alphabet=st.sampled_from('ab,"\n\r王'), max_size=60))
def test_cells_stand_where_they_say(text):
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for row in rows(text):
        for cell in [] if isinstance(row, Problem) else row:
            if '"' not in cell.text:
                rest = lines[cell.line - 1][cell.column - 1 :]
                first = cell.text.split("\n")[0].split("\r")[0]
                assert rest.removeprefix('"').startswith(first), (cell, rest)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ('a,b\n1,"open\n2,3\n', [(2, 3, "a quote is opened here and never closed")]),
        ('a,b\n1,"x"y\n2,3\n', [(2, 6, "text follows a closing quote; double the quotes inside")]),
        ('a,b\n"1\n2","x"y\n2,3\n', [(3, 7, "text follows a closing quote; double the quotes inside")]),
    ],
)
def test_a_broken_quote_is_named_by_line_and_column(text, problems):
    found = [row for row in rows(text) if isinstance(row, Problem)]
    assert [(p.line, p.column, p.sentence) for p in found] == problems


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_seen(delimiter):
    text = delimiter.join("abc") + "\n" + delimiter.join(["1", '"x,;\ty"', ""]) + "\n"
    assert [[c.text for c in row] for row in rows(text)] == [["a", "b", "c"], ["1", "x,;\ty", ""]]
