"""The networks of the benchmarks as a user of Keras writes them, and the batches that they learn from."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402

TOKENS = 128


class Positions(layers.Layer):
    def build(self, shape):
        self.table = self.add_weight(shape=(512, shape[-1]), name="table")

    def call(self, x):
        return x + self.table[:TOKENS]


def resnet50():
    backbone = keras.applications.ResNet50(weights=None, include_top=False, input_shape=(224, 224, 3))
    features = layers.GlobalAveragePooling2D()(backbone.output)
    return keras.Model(backbone.input, layers.Dense(2)(features))


def small_cnn(shape):
    x = images = keras.Input(shape)
    for filters, pool in ((32, False), (32, True), (64, False), (64, True)):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.MaxPooling2D()(x) if pool else x
    return keras.Model(images, x)


def bert_base():
    ids, mask, segments = (keras.Input((TOKENS,), dtype="int32") for _ in range(3))
    embedded = Positions()(layers.Embedding(30522, 768)(ids) + layers.Embedding(2, 768)(segments))
    x = layers.Dropout(0.1)(layers.LayerNormalization(epsilon=1e-12)(embedded))
    visible = keras.ops.expand_dims(keras.ops.cast(mask, "bool"), 1)
    for _ in range(12):
        attended = layers.MultiHeadAttention(12, 64, dropout=0.1)(x, x, attention_mask=visible)
        x = layers.LayerNormalization(epsilon=1e-12)(x + layers.Dropout(0.1)(attended))
        hidden = layers.Dense(768)(layers.Dense(3072, activation="gelu")(x))
        x = layers.LayerNormalization(epsilon=1e-12)(x + layers.Dropout(0.1)(hidden))
    pooled = layers.Dense(768, activation="tanh")(x[:, 0])
    return keras.Model([ids, mask, segments], layers.Dense(2)(pooled))


def images(count):
    return np.random.default_rng(1).random((count, 224, 224, 3), dtype="float32")


def texts(count):
    ids = np.random.default_rng(1).integers(0, 30522, (count, TOKENS), dtype="int32")
    return [ids, np.ones_like(ids), np.zeros_like(ids)]
