"""The scripts of examples/ in Python, on the weights, data and order that packages/training/src/bench/classic wrote.

pip install tensorflow pillow tokenizers; called by `npm run -s bench -- scripts` with a folder. Prints the loss after each
epoch as one line of JSON. BERT is written out in TensorFlow, with the dropout masks that Graft draws.
"""

import csv
import json
import os
import pathlib
import struct
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras.src.legacy.preprocessing.image import ImageDataGenerator  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

FOLDER = pathlib.Path(sys.argv[1])


def read_safetensors(name):
    data = (FOLDER / name).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for key, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[key] = np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"])
    return tensors


def resnet50():
    shared = json.loads((FOLDER / "resnet50.json").read_text())
    size, batch = tuple(shared["size"]), shared["batchSize"]
    images = ImageDataGenerator(rescale=1 / 255, validation_split=0.2)
    all_of = {"target_size": size, "class_mode": "categorical", "batch_size": 10_000, "shuffle": False}
    x, y = next(images.flow_from_directory(FOLDER / "pictures", subset="training", **all_of))
    validation = next(images.flow_from_directory(FOLDER / "pictures", subset="validation", **all_of))
    base = keras.applications.ResNet50(include_top=False, weights=None, input_shape=(*size, 3))
    base.trainable = False
    hidden, logits = keras.layers.Dense(256, activation="relu"), keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([base, keras.layers.GlobalAveragePooling2D(), hidden, logits])
    model.build((None, *size, 3))
    start = read_safetensors("resnet50-start.safetensors")
    for part, layers in {"backbone": base.layers, "head": [hidden, logits]}.items():
        for layer in layers:
            name = {hidden: "hidden1", logits: "logits"}.get(layer, layer.name)
            layer.set_weights([start[f"{part}/{name}/{weight.name}"] for weight in layer.weights])
    model.compile(keras.optimizers.Adam(1e-3), "categorical_crossentropy", metrics=["accuracy"])
    course = {"train_loss": [], "val_loss": []}
    for order in shared["orders"]:
        fitted = model.fit(
            x[order], y[order], batch_size=batch, shuffle=False, validation_data=validation, verbose=0
        )
        course["train_loss"] += fitted.history["loss"]
        course["val_loss"] += fitted.history["val_loss"]
    return course


def fnv1a(text):
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def mulberry32(seed, count):
    with np.errstate(over="ignore"):
        state = np.uint32(seed) + np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5)
        mixed = (state ^ (state >> 15)) * (np.uint32(1) | state)
        mixed = (mixed + (mixed ^ (mixed >> 7)) * (np.uint32(61) | mixed)) ^ mixed
        return (mixed ^ (mixed >> 14)) / 4294967296


class Bert(tf.Module):
    """BertForSequenceClassification: gelu by erf, LayerNorm with 1e-12, dropout .1, the pooler's tanh."""

    def __init__(self, start, seed, heads):
        super().__init__()
        self.seed, self.heads = seed, heads
        self.weights = {name: tf.Variable(value) for name, value in start.items()}
        self.layers = len({name.split("/")[1] for name in start if name.endswith("attention.self.query/kernel")})

    def dense(self, name, x):
        return x @ self.weights[f"{name}/kernel"] + self.weights[f"{name}/bias"]

    def norm(self, name, x):
        mean, variance = tf.nn.moments(x, -1, keepdims=True)
        gamma, beta = self.weights[f"{name}/gamma"], self.weights[f"{name}/beta"]
        return (x - mean) * tf.math.rsqrt(variance + 1e-12) * gamma + beta

    def drop(self, name, x, step):
        if step is None:
            return x
        drawn = mulberry32(fnv1a(f"dropout/{self.seed}/{name}/{step}"), int(tf.size(x)))
        return x * tf.constant(np.where(drawn < 0.1, 0, 1 / 0.9).reshape(x.shape).astype("float32"))

    def __call__(self, ids, mask, segments, step=None):
        table = {of: self.weights[f"backbone/embeddings.{of}_embeddings/embeddings"] for of in EMBEDDINGS}
        length = ids.shape[1]
        x = tf.gather(table["word"], ids) + tf.gather(table["token_type"], segments) + table["position"][:length]
        x = self.drop("backbone/embeddings.dropout", self.norm("backbone/embeddings.LayerNorm", x), step)
        hidden = (1 - mask[:, None, None, :]) * -1e9
        for index in range(self.layers):
            block = f"backbone/encoder.layer.{index}"
            q, k, v = (self.split(self.dense(f"{block}.attention.self.{part}", x)) for part in ("query", "key", "value"))
            scores = tf.nn.softmax(q @ tf.transpose(k, [0, 1, 3, 2]) / np.sqrt(q.shape[-1]) + hidden)
            mixed = tf.transpose(self.drop(f"{block}.attention.self", scores, step) @ v, [0, 2, 1, 3])
            seen = self.dense(f"{block}.attention.output.dense", tf.reshape(mixed, x.shape))
            seen = self.drop(f"{block}.attention.output.dropout", seen, step)
            x = self.norm(f"{block}.attention.output.LayerNorm", x + seen)
            wide = tf.nn.gelu(self.dense(f"{block}.intermediate.dense", x), approximate=False)
            narrow = self.drop(f"{block}.output.dropout", self.dense(f"{block}.output.dense", wide), step)
            x = self.norm(f"{block}.output.LayerNorm", x + narrow)
        pooled = tf.tanh(self.dense("backbone/pooler.dense", x[:, 0]))
        return self.dense("head/logits", self.drop("head/dropout", pooled, step))

    def split(self, x):
        batch, length, units = x.shape
        return tf.transpose(tf.reshape(x, [batch, length, self.heads, units // self.heads]), [0, 2, 1, 3])


EMBEDDINGS = ("word", "token_type", "position")


def read_reviews(name, length):
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    tokenizer.enable_truncation(length)
    tokenizer.enable_padding(length=length, pad_id=0, pad_token="[PAD]")
    with open(FOLDER / "reviews" / name, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    encoded = tokenizer.encode_batch([row["text"] for row in rows])
    ids = np.array([one.ids for one in encoded], "int32")
    mask = np.array([one.attention_mask for one in encoded], "float32")
    segments = np.array([one.type_ids for one in encoded], "int32")
    return ids, mask, segments, np.array([["bad", "good"].index(row["label"]) for row in rows], "int32")


def bert():
    shared = json.loads((FOLDER / "bert.json").read_text())
    train, validation = (read_reviews(f"{name}.csv", shared["length"]) for name in ("train", "validation"))
    model = Bert(read_safetensors("bert-start.safetensors"), shared["seed"], heads=2)
    optimizer = keras.optimizers.Adam(2e-5)
    crossentropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    learning = list(model.weights.values())
    course, step = {"train_loss": [], "val_loss": []}, 0
    for order in shared["orders"]:
        total = 0.0
        for begin in range(0, len(order), shared["batchSize"]):
            chosen = order[begin : begin + shared["batchSize"]]
            ids, mask, segments, labels = (part[chosen] for part in train)
            with tf.GradientTape() as tape:
                loss = crossentropy(labels, model(ids, mask, segments, step))
            optimizer.apply_gradients(zip(map(tf.convert_to_tensor, tape.gradient(loss, learning)), learning))
            total += float(loss) * len(chosen)
            step += 1
        course["train_loss"].append(total / len(order))
        course["val_loss"].append(float(crossentropy(validation[3], model(*validation[:3]))))
    return course


if __name__ == "__main__":
    print(json.dumps({"resnet50": resnet50(), "bert": bert(), "keras": keras.__version__, "tensorflow": tf.__version__}))
