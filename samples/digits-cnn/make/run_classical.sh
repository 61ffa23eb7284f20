#!/bin/sh
# From the data to classical-forest/model.onnx (beside make/), in an environment of requirements-classical.txt, Python 3.11.
# Seeds are fixed. The same run also writes the other classical models of the family.
set -e
cd "$(dirname "$0")"
python make_data.py        # data/: the fixed split of scikit-learn's digits
python train_classical.py  # classical-forest/model.onnx with its samples and test_data_set_0..2
