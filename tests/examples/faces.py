"""The face detector of the examples held against ONNX Runtime and a decoding of its outputs in numpy."""

import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedc.verify.onnxruntime import Oracle

KINDS, STRIDES = ("cls", "obj", "bbox", "kps"), (8, 16, 32)
SIDE, MIN_SCORE, MAX_OVERLAP = 320, 0.6, 0.3
Floats = NDArray[np.float64]


def check(example: Path) -> None:
    """Compares the faces of images with several portraits, and of noise; `example` is built."""
    names = [f"{kind}_{stride}" for kind in KINDS for stride in STRIDES]
    oracle = Oracle(example / "yunet.onnx", {name: name for name in names}, optimized=False)
    counts: list[int] = []
    for number, image in enumerate(_images(_read(example / "portrait.ppm"))):
        path = example / f"image{number}.ppm"
        path.write_bytes(b"P6 %d %d 255\n" % (image.shape[1], image.shape[0]) + image.tobytes())
        printed = subprocess.run(
            [example / "build/host/faces", path], capture_output=True, text=True, check=True
        ).stdout
        found = np.array(
            [[float(w) for w in line.split() if w[0] in "-0123456789"] for line in printed.splitlines()[1:]]
        )
        expected = _expected(oracle, image)
        assert printed.startswith(f"faces: {len(expected)}\n")
        np.testing.assert_allclose(found.reshape(-1, 15), expected, atol=0.02, rtol=0)
        counts.append(len(expected))
    assert 0 in counts
    assert max(counts) >= 4


def _images(portrait: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(1)
    crowd = np.full((SIDE, SIDE, 3), 90, np.uint8)
    for factor, x, y in ((1, 7, 3), (1, 60, 20), (2, 150, 10), (3, 20, 112), (1, 240, 220)):
        part = portrait[:, :: -1 if y % 2 else 1].repeat(factor, 0).repeat(factor, 1)[: SIDE - y, : SIDE - x]
        crowd[y : y + part.shape[0], x : x + part.shape[1]] = part
    dark = (crowd[17:, 5:300] * 0.6).astype(np.uint8)
    return [crowd, dark, portrait[::-1], rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)]


def _read(path: Path) -> NDArray[np.uint8]:
    *_, size, _, pixels = path.read_bytes().split(b"\n", 4)
    width, height = map(int, size.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def _expected(oracle: Oracle, image: NDArray[np.uint8]) -> Floats:
    canvas = np.zeros((SIDE, SIDE, 3), np.float32)
    canvas[: image.shape[0], : image.shape[1]] = image[:, :, ::-1]
    results = oracle.run({"input": canvas.transpose(2, 0, 1)[None]})
    outputs = {name: result[0].astype(np.float64) for name, result in results.items()}
    faces = np.concatenate([_decoded(outputs, stride) for stride in STRIDES])
    faces = faces[np.argsort(-faces[:, 0], kind="stable")]
    faces = faces[faces[:, 0] >= MIN_SCORE]
    assert all(a - b > 4e-6 for a, b in pairwise(faces[:, 0])), "their order is certain"
    kept: list[Floats] = []
    for one in faces:
        if all(_overlap(one, other) <= MAX_OVERLAP for other in kept):
            kept.append(one)
    return np.array(kept).reshape(-1, 15)


def _decoded(outputs: dict[str, Floats], stride: int) -> Floats:
    cls, obj, box, marks = (outputs[f"{kind}_{stride}"] for kind in KINDS)
    row, column = np.divmod(np.arange(len(cls)), SIDE // stride)
    score = np.sqrt(cls.clip(0, 1) * obj.clip(0, 1))
    cell = np.stack([column, row], 1)
    size = np.exp(box[:, 2:]) * stride
    corner = (cell + box[:, :2]) * stride - size / 2
    return np.concatenate([score, corner, size, (marks + np.tile(cell, 5)) * stride], 1)


def _overlap(a: Floats, b: Floats) -> float:
    low, high = np.maximum(a[1:3], b[1:3]), np.minimum(a[1:3] + a[3:5], b[1:3] + b[3:5])
    both = np.prod((high - low).clip(0))
    return float(both / (np.prod(a[3:5]) + np.prod(b[3:5]) - both))
