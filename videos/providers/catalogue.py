"""Providers by `kind:name`: one file each, registered at import."""

from typing import Any

from config.kit.registry import Registry

providers: Registry[Any] = Registry("provider")
