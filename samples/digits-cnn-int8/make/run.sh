#!/bin/sh
# From the data to int8-qdq/model.onnx (beside make/), in an environment of requirements-torch.txt, Python 3.11. Seeds are fixed.
# The same run also writes the float parent and the other relatives of the family.
set -e
cd "$(dirname "$0")"
python make_data.py        # data/: the fixed split of scikit-learn's digits, and the 100 calibration images
python train.py            # weights
python export_torch.py     # base/model.onnx, the float parent
python quantise_onnx.py    # int8-qdq/model.onnx with its samples and test_data_set_0..2
