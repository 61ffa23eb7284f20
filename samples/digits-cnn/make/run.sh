#!/bin/sh
# From the data to base/model.onnx (beside make/), in an environment of requirements-torch.txt, Python 3.11. Seeds are fixed.
# The same run also writes the fine-tuned and pruned relatives of the family.
set -e
cd "$(dirname "$0")"
python make_data.py        # data/: the fixed split of scikit-learn's digits
python train.py            # weights
python export_torch.py     # base/model.onnx with its samples and test_data_set_0..2
