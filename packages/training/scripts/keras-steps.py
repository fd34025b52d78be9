"""Keras' own training steps, one for each line that comes in; prints the seconds of each."""

import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
import keras  # noqa: E402
import numpy as np  # noqa: E402

count = int(sys.argv[1])
backbone = keras.applications.ResNet50(weights=None, include_top=False)
features = keras.layers.GlobalAveragePooling2D()(backbone.output)
model = keras.Model(backbone.input, keras.layers.Dense(2)(features))
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
images = np.random.default_rng(1).random((count, 224, 224, 3), dtype="float32")
labels = np.zeros(count, "int32")
for _ in sys.stdin:
    begin = time.perf_counter()
    model.train_on_batch(images, labels)
    print(time.perf_counter() - begin, flush=True)
