from decimal import Decimal

import pytest

from config.kit.money import micros, shown


@pytest.mark.parametrize(
    ("amount", "expected"), [("1", 1_000_000), (Decimal("0.000015"), 15), (3, 3_000_000)]
)
def test_amounts_become_whole_micros(amount, expected):
    assert micros(amount) == expected


def test_a_float_is_refused():
    with pytest.raises(TypeError):
        micros(0.1)


def test_finer_than_a_micro_is_refused():
    with pytest.raises(ValueError, match="finer"):
        micros("0.0000001")


@pytest.mark.parametrize(
    ("amount", "text"), [(1_230_000, "USD 1.23"), (15, "USD 0.000015"), (0, "USD 0.00")]
)
def test_money_is_shown_with_its_currency(amount, text):
    assert shown(amount, "USD") == text
