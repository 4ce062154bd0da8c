"""The API against its own description: whatever is generated from it is answered, refused or not found, never broken."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from config.server import create_app
from cti.domain.access import Role
from tests.config.house import client, open_house

EXAMPLES = 12


def examples(operation) -> list[dict]:
    """Requests generated for one operation, as keyword arguments for httpx."""
    made = []

    @settings(max_examples=EXAMPLES, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def collect(case) -> None:
        request = case.as_transport_kwargs(base_url="http://tierline")
        made.append(
            {
                name: request[name]
                for name in ("method", "url", "params", "json", "headers")
                if name in request
            }
        )

    collect()
    return made


@pytest.mark.timeout(300)
async def test_generated_requests_break_nothing(tmp_path):
    async with open_house(tmp_path) as house, client(house, Role.ADMINISTRATOR) as browser:
        schema = schemathesis.openapi.from_dict(create_app(house).openapi())
        tried = 0
        for found in schema.get_all_operations():
            operation = found.ok()
            if operation.path == "/api/v1/session":
                continue  # would sign us out, or slow down our own sign-in
            for request in examples(operation):
                request["headers"] = {
                    name: value
                    for name, value in dict(request.get("headers") or {}).items()
                    if name.lower() != "cookie"
                }
                answer = await browser.request(**request)
                assert answer.status_code < 500 or answer.status_code == 503, (
                    operation.label,
                    request,
                    answer.text,
                )
                tried += 1
        assert tried > 200
