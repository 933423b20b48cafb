"""`ai`: a stand-in for tests, started once and forgetful between them. `accounts` lead to it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.kit.vendors import Account
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


@pytest.fixture
def accounts(ai: StandIn, settings) -> dict[str, Account]:
    """Those of this studio."""
    told = ai.environment()

    def led(account: Account) -> Account:
        names = {"base_url": "BASE_URL", "key": "API_KEY", "model": "MODEL"}
        here = {field: told.get(f"{account.env}_{name}") for field, name in names.items()}
        return replace(account, **{field: value for field, value in here.items() if value})

    settings.ACCOUNTS = {name: led(account) for name, account in settings.ACCOUNTS.items()}
    return settings.ACCOUNTS
