"""`youtube`: a stand-in for tests, started once and forgetful between them."""

from collections.abc import Iterator

import pytest

from tests.doubles.youtube.client import StandIn, stand_in


@pytest.fixture(scope="session")
def youtube_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with stand_in(tmp_path_factory.mktemp("youtube")) as found:
        yield found


@pytest.fixture
def youtube(youtube_of_the_session: StandIn) -> StandIn:
    """A stand-in that has been asked nothing yet."""
    youtube_of_the_session.reset()
    return youtube_of_the_session
