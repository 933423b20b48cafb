# SPDX-License-Identifier: MIT
"""What the engines' prepare.py share: sums, versions, and `about.json`, which is written last."""

from __future__ import annotations

import hashlib
import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any


def check(data: bytes, sha256: str, what: str) -> bytes:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SystemExit(f"{what} is not the file that this program was made for (sha256 differs).")
    return data


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    draft.write_bytes(data)
    os.replace(draft, path)


def write_about(assets: Path, about: dict[str, Any]) -> None:
    """`version` goes into the keys of all that is spoken: a new one has everything spoken anew."""
    write(assets / "about.json", json.dumps(about, ensure_ascii=False, indent=1).encode())
    print(f"{about['name']}: ready, {about['version']}")


def versions(*packages: str) -> str:
    return " ".join(f"{package}-{version(package)}" for package in packages)
