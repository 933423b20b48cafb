"""Looks to begin with: a brand kit starts as a copy of one of these."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    name: str
    ink: str
    paper: str
    accent: str
    second: str
    glow: str
    font: str


KITS = (
    Sample(
        name="Midnight",
        ink="#0b0f17",
        paper="#f7f2e8",
        accent="#ffb224",
        second="#33d69f",
        glow="#6d5ef6",
        font="Inter",
    ),
    Sample(
        name="Newsprint",
        ink="#f6f1e7",
        paper="#1b1a17",
        accent="#ad2f17",
        second="#17667a",
        glow="#f2c14e",
        font="Inter",
    ),
    Sample(
        name="Deep sea",
        ink="#03141d",
        paper="#eaf6f6",
        accent="#ff8f70",
        second="#3cc2b3",
        glow="#125c9e",
        font="Inter",
    ),
)
