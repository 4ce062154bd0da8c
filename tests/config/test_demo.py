"""What the demo is furnished with."""

import csv
import time

from care.adapters.last_satisfaction import SqlSatisfaction
from config.demo import answers, callers
from tests.config.house import open_house


async def test_the_demos_customers_have_said_lately_how_content_they_were(tmp_path):
    async with open_house(tmp_path) as house:
        file = answers(tmp_path, time.time())
        with file.open(encoding="utf-8", newline="") as rows:
            said = [row["number"] for row in csv.DictReader(rows)]
        report = await house.care.surveys.import_file(file)
        assert (report.new, report.known) == (len(said), 0)
        assert set(said) <= {number for number, _ in callers()}
        for number in said:
            assert await SqlSatisfaction(house.engine, house.clock).last([number]) is not None
