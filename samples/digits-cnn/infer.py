"""Reads 8x8 grey PNG images and prints the digit on each: python infer.py KIT sample-originals/*.png

KIT is the folder of any digits-cnn kit.

Needs numpy, onnxruntime and pillow.
"""
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image


def load(path):
    """One image as float32 [1,8,8], 0..1; the samples store 15 x the source pixel (0..16)."""
    pixels = np.asarray(Image.open(path).convert("L"), np.float32)
    if pixels.shape != (8, 8):
        sys.exit(f"error: {path} has {pixels.shape[1]}x{pixels.shape[0]} pixels; the model reads 8x8")
    return pixels[None] / 240


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: python infer.py KIT IMAGE.png ...")
    kit, pictures = Path(sys.argv[1]), sys.argv[2:]
    labels = (kit / "labels.txt").read_text().split()
    session = ort.InferenceSession(str(kit / "model.onnx"), providers=["CPUExecutionProvider"])
    images = np.stack([load(path) for path in pictures])
    for path, logits in zip(pictures, session.run(["logits"], {"image": images})[0]):
        print(f"{path}: {labels[int(logits.argmax())]}")


if __name__ == "__main__":
    main()
