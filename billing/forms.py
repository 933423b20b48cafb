"""Forms of budgets."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from billing.models import Budget, Scope, Window
from config.kit.money import MICROS, micros

WHOM = {
    Scope.TEAM: ("The whole team", "everything it spends"),
    Scope.CHANNEL: ("Channel", "one, or each of them"),
    Scope.BATCH: ("Batch", "one, or each of them"),
    Scope.VIDEO: ("Video", "one, or each of them"),
    Scope.CALL: ("Paid request", "the most one may cost"),
}
WINDOWS = [(Window.MONTH, "A month"), (Window.DAY, "A day"), (Window.TOTAL, "In all")]
Offered = Mapping[str, Sequence[tuple[int, str]]]  # by scope, what one can be chosen from


def written(limit_micros: int) -> str:
    """As a person would type it."""
    digits = 2 if limit_micros % 10_000 == 0 else 6
    return f"{Decimal(limit_micros) / MICROS:.{digits}f}"


class AmountForm(forms.Form):
    amount = forms.DecimalField(
        max_digits=15,
        decimal_places=6,
        min_value=Decimal("0.000001"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "invalid": "Write an amount, such as 50 or 12.50.",
            "min_value": "Write an amount above 0.",
        },
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, budget: Budget) -> "AmountForm":
        return cls(initial={"amount": written(budget.limit_micros), "version": budget.version})

    @property
    def limit_micros(self) -> int:
        return micros(self.cleaned_data["amount"])


class BudgetForm(AmountForm):
    scope = forms.ChoiceField(choices=Scope.choices, initial=Scope.TEAM)
    window = forms.ChoiceField(choices=WINDOWS, required=False, label="Over")

    def __init__(self, *args: Any, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for scope, choices in offered.items():
            select = forms.Select(choices=[(0, f"Each {scope}"), *choices])
            self.fields[scope] = forms.IntegerField(required=False, min_value=0, widget=select)

    @property
    def whom(self) -> list[tuple[str, str, str, bool, Any]]:
        """Each scope with its words, whether it is chosen, and the menu of which one."""
        chosen = self["scope"].value()
        return [
            (scope, name, about, chosen == scope, self[scope] if scope in self.fields else None)
            for scope, (name, about) in WHOM.items()
            if scope in self.fields or scope in (Scope.TEAM, Scope.CALL)
        ]

    def wanted(self) -> dict[str, Any]:
        scope = self.cleaned_data["scope"]
        return {
            "scope": scope,
            "subject_id": self.cleaned_data.get(scope) or 0,
            "window": self.cleaned_data["window"] or Window.MONTH,
            "limit_micros": self.limit_micros,
        }
