"""Runs test_data_set_0..2 and compares every output with the recorded one: python validate.py

Needs numpy, onnx and onnxruntime. Exit code 1 when one differs by more than atol + rtol x |recorded|.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper

HERE = Path(__file__).resolve().parent
ATOL, RTOL = 1.0, 0.05


def tensors(folder, kind):
    """The folder's {kind}_0.pb, {kind}_1.pb, ... as arrays."""
    files = sorted(folder.glob(f"{kind}_*.pb"), key=lambda f: int(f.stem.rsplit("_", 1)[1]))
    return [numpy_helper.to_array(onnx.load_tensor(str(f))) for f in files]


def main():
    session = ort.InferenceSession(str(HERE / "model.onnx"), providers=["CPUExecutionProvider"])
    good = True
    for folder in sorted(HERE.glob("test_data_set_*")):
        inputs = {i.name: x for i, x in zip(session.get_inputs(), tensors(folder, "input"))}
        for output, actual, recorded in zip(session.get_outputs(), session.run(None, inputs), tensors(folder, "output")):
            same = np.allclose(actual, recorded, rtol=RTOL, atol=ATOL)
            good &= same
            print(f"{folder.name} {output.name}: {'good' if same else 'DIFFERS'}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
