"""Runs test_data_set_0..2 and compares every output with the recorded one: python validate.py [KIT [ATOL [RTOL]]]

KIT is the folder of any kit with such data, this one unless told; a network in 8 bits needs about 1.0 and 0.05.

Needs numpy, onnx and onnxruntime. Exit code 1 when one differs by more than atol + rtol x |recorded|.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper

KIT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
ATOL = float(sys.argv[2]) if len(sys.argv) > 2 else 1e-4
RTOL = float(sys.argv[3]) if len(sys.argv) > 3 else 1e-4


def tensors(folder, kind):
    """The folder's {kind}_0.pb, {kind}_1.pb, ... as arrays."""
    files = sorted(folder.glob(f"{kind}_*.pb"), key=lambda f: int(f.stem.rsplit("_", 1)[1]))
    return [numpy_helper.to_array(onnx.load_tensor(str(f))) for f in files]


def main():
    session = ort.InferenceSession(str(KIT / "model.onnx"), providers=["CPUExecutionProvider"])
    good = True
    for folder in sorted(KIT.glob("test_data_set_*")):
        inputs = {i.name: x for i, x in zip(session.get_inputs(), tensors(folder, "input"))}
        for output, actual, recorded in zip(session.get_outputs(), session.run(None, inputs), tensors(folder, "output")):
            same = np.allclose(actual, recorded, rtol=RTOL, atol=ATOL, equal_nan=True)
            good &= same
            print(f"{folder.name} {output.name}: {'good' if same else 'DIFFERS'}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
