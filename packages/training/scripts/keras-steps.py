"""Keras' own training steps: prints the number of weights, then for each line that comes in the seconds of a step."""

import sys
import time

from keras_networks import bert_base, images, keras, np, resnet50, texts

network, count = sys.argv[1], int(sys.argv[2])
model, batch = (resnet50(), images(count)) if network == "resnet50" else (bert_base(), texts(count))
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
labels = np.zeros(count, "int32")
print(model.count_params(), flush=True)
for _ in sys.stdin:
    begin = time.perf_counter()
    model.train_on_batch(batch, labels)
    print(time.perf_counter() - begin, flush=True)
