"""Writes vectors/arrays.json: small files by NumPy, and what is in them.

    pip install numpy && python packages/training/scripts/array-vectors.py
"""

import base64
import io
import json
import pathlib

import numpy as np

rng = np.random.RandomState(3)


def npy(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    return base64.b64encode(out.getvalue()).decode()


def npz(save, **arrays):
    out = io.BytesIO()
    save(out, **arrays)
    return base64.b64encode(out.getvalue()).decode()


types = ["|b1", "|u1", "|i1", "<u2", ">i2", "<u4", ">i4", "<i8", "<u8", "<f4", ">f8"]
arrays = [
    {"type": t, "version": v, "file": npy(a, v), "values": [float(x) for x in a.ravel()]}
    for t, v in zip(types, [None, (1, 0), (2, 0), (3, 0)] * 3)
    for a in [rng.uniform(-100 if t[1] in "if" else 0, 100, (3, 2, 2)).astype(t)]
]
images = rng.randint(0, 256, (40, 4, 5)).astype("uint8")
labels = (np.arange(40) % 2).astype("int64")
whole = dict(x_train=images[:30], y_train=labels[:30], x_test=images[30:], y_test=labels[30:, None])
vectors = {
    "arrays": arrays,
    "fortran": npy(np.asfortranarray(np.ones((2, 3)))),
    "objects": npy(np.array([{}, 1], dtype=object)),
    "stored": npz(np.savez, **whole),
    "packed": npz(np.savez_compressed, **whole),
    "bomb": npz(np.savez_compressed, x=np.zeros((2000, 32, 32), "uint8"), y=labels),
    "firstTestImage": [int(x) for x in images[30].ravel()],
}
out = pathlib.Path(__file__).parent.parent / "vectors" / "arrays.json"
out.write_text(json.dumps(vectors, separators=(",", ":")) + "\n")
