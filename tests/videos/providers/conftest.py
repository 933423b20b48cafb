"""The accounts of this studio lead to the stand-in."""

from dataclasses import replace

import pytest

from config.kit.vendors import Account
from tests.doubles.ai.client import StandIn


@pytest.fixture
def accounts(ai: StandIn, settings) -> dict[str, Account]:
    told = ai.environment()

    def led(account: Account) -> Account:
        names = {"base_url": "BASE_URL", "key": "API_KEY", "model": "MODEL"}
        here = {field: told.get(f"{account.env}_{name}") for field, name in names.items()}
        return replace(account, **{field: value for field, value in here.items() if value})

    settings.ACCOUNTS = {name: led(account) for name, account in settings.ACCOUNTS.items()}
    return settings.ACCOUNTS
