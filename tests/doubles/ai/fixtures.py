"""`ai`: a stand-in for tests, started once and forgetful between them."""

from collections.abc import Iterator

import pytest

from tests.doubles.ai.client import StandIn, stand_in


@pytest.fixture(scope="session")
def ai_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with stand_in(tmp_path_factory.mktemp("ai")) as found:
        yield found


@pytest.fixture
def ai(ai_of_the_session: StandIn) -> StandIn:
    """A stand-in that has been asked nothing yet."""
    ai_of_the_session.reset()
    return ai_of_the_session
