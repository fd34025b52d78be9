"""Writes vectors/images.json: what TensorFlow and Keras make of images and image folders.

    pip install tensorflow pillow && python packages/training/scripts/image-vectors.py
"""

import base64
import json
import os
import pathlib
import tempfile

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

rng = np.random.RandomState(7)
numbers = lambda array: [round(float(x), 5) for x in np.asarray(array, dtype="float64").ravel()]


def smooth(height, width, channels):
    """Like a photograph: neighbours are alike, so that JPEG keeps it."""
    coarse = rng.uniform(0, 255, (1, 4, 4, channels))
    return np.asarray(tf.image.resize(coarse, (height, width), "bicubic"))[0].clip(0, 255).astype("uint8")


def images():
    rgb, grey, rgba = smooth(13, 17, 3), smooth(9, 5, 1), smooth(7, 7, 4)
    files = {
        "rgb.png": tf.io.encode_png(rgb),
        "grey.png": tf.io.encode_png(grey),
        "rgba.png": tf.io.encode_png(rgba),
        "photo.jpg": tf.io.encode_jpeg(smooth(24, 19, 3), quality=95, chroma_downsampling=False),
        "small.gif": None,
    }
    folder = tempfile.mkdtemp()
    Image.fromarray(smooth(7, 9, 3)).quantize(16).save(os.path.join(folder, "small.gif"))
    files["small.gif"] = tf.io.read_file(os.path.join(folder, "small.gif"))
    for name, content in files.items():
        content = content.numpy()
        if name.endswith("jpg"):  # its default is a faster transform, up to 9 levels off
            pixels = tf.io.decode_jpeg(content, channels=3, dct_method="INTEGER_ACCURATE")
        else:
            pixels = tf.io.decode_image(content, channels=3, expand_animations=False)
        path = os.path.join(folder, name)
        pathlib.Path(path).write_bytes(content)
        yield {
            "name": name,
            "file": base64.b64encode(content).decode(),
            "shape": list(pixels.shape),
            "bilinear": numbers(tf.image.resize(pixels, (8, 10), "bilinear")),
            "nearest": numbers(tf.image.resize(pixels, (8, 10), "nearest")),
            "pillowNearest": numbers(keras.utils.img_to_array(keras.utils.load_img(path, target_size=(8, 10)))),
            "luma": numbers(keras.utils.img_to_array(keras.utils.load_img(path, color_mode="grayscale"))),
        }


def augmentations():
    image = rng.uniform(0, 1, (6, 7, 2)).astype("float32")
    layers = keras.layers
    cases = {
        "rotation": lambda fill: layers.RandomRotation((0.1, 0.1), fill_mode=fill, fill_value=0.5),
        "half turn": lambda fill: layers.RandomRotation((-0.45, -0.45), fill_mode=fill, fill_value=0.5),
        "shift": lambda fill: layers.RandomTranslation((0.25, 0.25), (-0.3, -0.3), fill_mode=fill, fill_value=0.5),
        "far shift": lambda fill: layers.RandomTranslation((-0.9, -0.9), (0.8, 0.8), fill_mode=fill, fill_value=0.5),
        "zoom out": lambda fill: layers.RandomZoom((0.4, 0.4), fill_mode=fill, fill_value=0.5),
        "zoom in": lambda fill: layers.RandomZoom((-0.35, -0.35), fill_mode=fill, fill_value=0.5),
    }
    results = [
        {"name": name, "fill": fill, "values": numbers(make(fill)(image, training=True))}
        for name, make in cases.items()
        for fill in ("reflect", "nearest", "wrap", "constant")
    ]
    height, width = image.shape[:2]
    middle = lambda sign: np.array([[1, 0, sign * (width - 1) / 2], [0, 1, sign * (height - 1) / 2], [0, 0, 1]])
    angle = 2 * np.pi * 0.07
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    steps = [
        np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]]),
        np.array([[1, 0, -0.1 * width], [0, 1, 0.2 * height], [0, 0, 1]]),
        middle(1) @ turn @ middle(-1),
        middle(1) @ np.diag([0.8, 0.8, 1]) @ middle(-1),
    ]
    whole = np.linalg.multi_dot(steps).ravel()[:8]
    together = keras.ops.image.affine_transform(image, whole.astype("float32"), fill_mode="reflect")
    bright = layers.RandomBrightness((0.3, 0.3), value_range=(0, 1))(image, training=True)
    return {
        "image": numbers(image),
        "shape": list(image.shape),
        "layers": results,
        "together": numbers(together),
        "brightness": numbers(bright),
    }


def folders():
    folder = tempfile.mkdtemp()
    names = [f"{c}/{f}" for c, count in (("b", 9), ("A", 7), ("a10", 5), ("a2", 6)) for f in [f"{i}.png" for i in range(count)]]
    names += ["b/deep/x.png", "b/Deep.png", "A/note.txt", "A/0.JPG", ".hidden/0.png"]
    for name in names:
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    below = lambda paths: [os.path.relpath(path, folder) for path in paths]

    def dataset(seed, subset):
        options = dict(validation_split=0.3, subset=subset, seed=seed, image_size=(4, 4), verbose=False)
        return below(keras.utils.image_dataset_from_directory(folder, **options).file_paths)

    def flow(subset):
        generator = keras.src.legacy.preprocessing.image.ImageDataGenerator(validation_split=0.3)
        found = generator.flow_from_directory(folder, subset=subset, target_size=(4, 4))
        return [os.path.normpath(name) for name in found.filenames]

    return {
        "files": names,
        "dataset": [{"seed": s, "training": dataset(s, "training"), "validation": dataset(s, "validation")} for s in (0, 123)],
        "flow": {"training": flow("training"), "validation": flow("validation")},
    }


def preprocessing():
    pixels = rng.uniform(0, 255, (2, 2, 3)).astype("float32")
    call = keras.applications.imagenet_utils.preprocess_input
    return {"pixels": numbers(pixels), **{mode: numbers(call(pixels.copy(), mode=mode)) for mode in ("caffe", "tf", "torch")}}


vectors = {
    "versions": {"tensorflow": tf.__version__, "keras": keras.__version__, "pillow": Image.__version__},
    "images": list(images()),
    "augmentation": augmentations(),
    "folders": folders(),
    "preprocessing": preprocessing(),
}
out = pathlib.Path(__file__).parent.parent / "vectors" / "images.json"
out.write_text(json.dumps(vectors, separators=(",", ":")) + "\n")
