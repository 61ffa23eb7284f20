"""Reads 8x8 grey PNG images and prints the digit on each with its probability: python infer.py sample-originals/*.png

Needs numpy, onnxruntime and pillow.
"""
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

HERE = Path(__file__).resolve().parent


def load(path):
    """One image as float32 [64], row by row, 0..1; the samples store 15 x the source pixel (0..16)."""
    pixels = np.asarray(Image.open(path).convert("L"), np.float32)
    if pixels.shape != (8, 8):
        sys.exit(f"error: {path} has {pixels.shape[1]}x{pixels.shape[0]} pixels; the model reads 8x8")
    return pixels.reshape(64) / 240


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: python infer.py IMAGE.png ...")
    labels = (HERE / "labels.txt").read_text().split()
    session = ort.InferenceSession(str(HERE / "model.onnx"), providers=["CPUExecutionProvider"])
    features = np.stack([load(path) for path in sys.argv[1:]])
    for path, row in zip(sys.argv[1:], session.run(["probabilities"], {"features": features})[0]):
        print(f"{path}: {labels[int(row.argmax())]} ({row.max():.2f})")


if __name__ == "__main__":
    main()
