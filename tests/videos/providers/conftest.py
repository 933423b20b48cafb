"""Accounts at the stand-in, for every vendor."""

import pytest

from config.kit.vendors import Account


@pytest.fixture
def accounts(ai, settings) -> dict[str, Account]:
    told = ai.environment()
    for name, account in settings.ACCOUNTS.items():
        base_url, key = told[f"{account.env}_BASE_URL"], told[f"{account.env}_API_KEY"]
        model = told.get(f"{account.env}_MODEL", account.model)
        settings.ACCOUNTS = {
            **settings.ACCOUNTS,
            name: Account(account.env, base_url, key, model),
        }
    return settings.ACCOUNTS
