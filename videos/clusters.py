"""Which cluster serves a run: what waits for services takes no place of what computes."""

from videos.providers.catalogue import providers
from videos.stages import catalogue

ASKING = "ai"  # the cluster of what waits for services


def cluster_of(stage: str, asked: str) -> str:
    """Who serves a run that asks these providers: one that waits for somebody beyond this machine
    takes no place of those that compute. "" for a stage that is not known any more."""
    if stage not in catalogue.names():
        return ""
    is_asking = any(is_remote(provider) for provider in asked.split())
    return ASKING if is_asking else catalogue.get(stage).cluster


def is_remote(provider: str) -> bool:
    """`kind:vendor`, asked over the network by an account."""
    return provider in providers and bool(getattr(providers.get(provider), "account", ""))
