#!/bin/sh
# From the data to the digits networks (folders beside make/), in an environment of requirements-torch.txt, Python 3.11. Seeds are fixed.
set -e
cd "$(dirname "$0")"
python make_data.py        # data/: the fixed split of scikit-learn's digits, and the 100 calibration images
python train.py            # weights
python export_torch.py     # base/ and pruned/: model.onnx with samples and test_data_set_0..2
python quantise_onnx.py    # int8-qdq/ and pruned-int8-qdq/
python damage.py           # damaged-nan/
