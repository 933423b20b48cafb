"""A request that asks the database the same question again and again fails its test.

`@pytest.mark.repeats("why")` lets one pass.
"""

from collections.abc import Iterator

import pytest

from config.kit import slow_queries


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "repeats(why): one statement may run many times in a request of this test"
    )


@pytest.fixture(autouse=True)
def asked_once(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    seen: list[str] = []

    def notice(statement: str, caller: str, count: int) -> None:
        seen.append(f"{count} times in one request, from {caller}: {statement}")

    slow_queries.watch_repeats(notice)
    yield seen
    slow_queries.watch_repeats(None)
    if seen and request.node.get_closest_marker("repeats") is None:
        pytest.fail("asked again and again:\n" + "\n".join(seen), pytrace=False)
