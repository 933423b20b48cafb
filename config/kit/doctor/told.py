"""Findings in few words."""

from config.kit.registry import Finding, Verdict


def well(about: str, told: str) -> Finding:
    return Finding(about, Verdict.OK, told)


def warn(about: str, told: str) -> Finding:
    return Finding(about, Verdict.WARN, told)


def fail(about: str, told: str) -> Finding:
    return Finding(about, Verdict.FAIL, told)
