"""Feature extraction as a plain script does it, the frozen backbone in each step: prints the seconds of `fit`."""

import sys
import time

from keras_networks import images, keras, layers, np

count, epochs, classes = (int(one) for one in sys.argv[1:])
backbone = keras.applications.ResNet50(weights=None, include_top=False, input_shape=(224, 224, 3))
backbone.trainable = False
features = layers.GlobalAveragePooling2D()(backbone(backbone.input, training=False))
hidden = layers.Dense(256, activation="relu")(features)
model = keras.Model(backbone.input, layers.Dense(classes)(hidden))
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
examples, labels = images(count), np.arange(count, dtype="int32") % classes
begin = time.perf_counter()
model.fit(examples, labels, batch_size=32, epochs=epochs, verbose=0)
print(time.perf_counter() - begin, flush=True)
