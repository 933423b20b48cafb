"""What the lines of the log add up to."""

from typing import Any


def bill(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums of all, and of each vendor."""
    vendors = {line["vendor"]: _sum([]) for line in lines}
    for name in vendors:
        vendors[name] = _sum([line for line in lines if line["vendor"] == name])
    return {**_sum(lines), "vendors": vendors}


def _sum(lines: list[dict[str, Any]]) -> dict[str, Any]:
    units: dict[str, float] = {}
    for line in lines:
        for unit, amount in line["units"].items():
            units[unit] = round(units.get(unit, 0) + amount, 3)
    return {
        "requests": len(lines),
        "served": sum(line["served"] for line in lines),
        "unanswered": sum(line["served"] and not line["answered"] for line in lines),
        "price_micros": sum(line["price_micros"] for line in lines),
        "units": units,
    }
