"""A sweep of heads as a plain script does it, the frozen backbone in each step: prints the seconds of all its runs.

Called by `npm run -s bench -- trunk-cache` with the sweep as JSON; one run of each head is timed and counted for all of it.
"""

import json
import sys
import time

from keras_networks import keras, layers, np, small_cnn

sweep = json.loads(sys.argv[1])
shape = (sweep["side"], sweep["side"], 1)
random = np.random.default_rng(1)


def split(count):
    return random.random((count, *shape), dtype="float32"), np.arange(count, dtype="int32") % 4


train, validation, test = (split(count) for count in sweep["splits"])


def fit(hidden):
    backbone = small_cnn(shape)
    backbone.trainable = False
    x = layers.GlobalAveragePooling2D()(backbone(backbone.input, training=False))
    for units in hidden:
        x = layers.Dropout(0.2)(layers.Dense(units, activation="relu")(x))
    model = keras.Model(backbone.input, layers.Dense(4)(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01, 0.9), loss, metrics=["accuracy"])
    model.fit(*train, batch_size=32, epochs=sweep["epochs"], validation_data=validation, verbose=0)
    model.evaluate(*test, batch_size=32, verbose=0)


begin = time.perf_counter()
for hidden in sweep["heads"]:
    fit(hidden)
print((time.perf_counter() - begin) / len(sweep["heads"]) * sweep["runs"])
