"""Writes fixtures/weights: small weight files as Keras and Hugging Face themselves write them.

Every number is drawn by the weight's name (see forward-goldens.py), so that a test knows it without the file.

    python packages/training/scripts/weight-files.py keras           # needs keras with TensorFlow or torch, and h5py
    python packages/training/scripts/weight-files.py hugging-face    # needs torch and transformers
"""
import shutil
import sys
from importlib import import_module
from pathlib import Path

import numpy as np

draw = import_module("forward-goldens").draw
OUT = Path(__file__).parent.parent / "fixtures" / "weights"


def keras_files():
    import h5py
    import keras
    from keras import layers
    from keras.src.legacy.saving import legacy_h5_format

    def network(top, auto=False):
        """The tests' tiny-cnn; with a dense layer on top, and with the names that Keras itself makes up."""
        given = (lambda name: {}) if auto else (lambda name: {"name": name})
        x = inputs = keras.Input((8, 8, 1))
        for block, filters in enumerate((4, 6), 1):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False, **given(f"block{block}_conv"))(x)
            x = layers.BatchNormalization(**given(f"block{block}_bn"))(x)
            x = layers.ReLU(**given(f"block{block}_relu"))(x)
            if block < 2:
                x = layers.MaxPooling2D(**given(f"block{block}_pool"))(x)
        if top:
            x = layers.Dense(3, name="my_dense")(layers.GlobalAveragePooling2D()(x))
        model = keras.Model(inputs, x)
        for layer in model.layers:
            layer.set_weights([draw(f"{layer.name}/{weight.name}", weight.shape) for weight in layer.weights])
        return model

    model = network(top=False)
    with h5py.File(OUT / "legacy-weights.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    # As old Keras wrote it: texts of a fixed length, names with ":0", long lists in several attributes.
    with h5py.File(OUT / "legacy-old.h5", "w") as file:
        names = [layer.name.encode() for layer in model.layers]
        file.attrs["layer_names0"] = np.array(names[:4], dtype="S12")
        file.attrs["layer_names1"] = np.array(names[4:], dtype="S12")
        for layer in model.layers:
            group = file.create_group(layer.name)
            weights = [f"{layer.name}/{layer.name}_{'WbXY'[at]}_1:0" for at in range(len(layer.weights))]
            group.attrs["weight_names"] = np.array([one.encode() for one in weights], dtype="S40") if weights else []
            for name, weight in zip(weights, layer.weights, strict=True):
                group.create_dataset(name, data=np.asarray(weight.numpy(), dtype=np.float32))
    model.save_weights(OUT / "current.weights.h5")
    model.save(OUT / "current.keras")
    network(top=True).save(OUT / "legacy-model-with-top.h5")
    with h5py.File(OUT / "compressed.h5", "w") as file, h5py.File(OUT / "legacy-weights.h5") as source:
        for name, value in source.attrs.items():
            file.attrs[name] = value
        for layer in model.layers:
            group = file.create_group(layer.name)
            group.attrs["weight_names"] = source[layer.name].attrs["weight_names"]
            for name in group.attrs["weight_names"]:
                data = np.asarray(source[layer.name][name], dtype=np.float64)
                group.create_dataset(name, data=data, compression="gzip", chunks=True)
    outer = keras.Sequential([model, layers.GlobalAveragePooling2D(), layers.Dense(2, name="my_dense")], name="outer")
    outer.build((None, 8, 8, 1))
    model._name = "inner"
    outer.save(OUT / "nested-model.h5")
    outer.save_weights(OUT / "nested.weights.h5")
    # As in a session that has made such layers before: the numbers of the names begin with 1.
    keras.backend.clear_session()
    layers.Conv2D(1, 1), layers.BatchNormalization()
    network(top=False, auto=True).save_weights(OUT / "automatic.weights.h5")
    # A link into another file, which a reader must not follow.
    with h5py.File(OUT / "external-link.h5", "w") as file:
        file.attrs["layer_names"] = ["block1_conv"]
        file["block1_conv"] = h5py.ExternalLink("legacy-weights.h5", "/block1_conv")


def hugging_face_files():
    import json

    import torch
    from safetensors.torch import save_file
    from transformers import BertConfig, BertForSequenceClassification, DistilBertConfig, DistilBertModel, GPT2Config
    from transformers import GPT2LMHeadModel

    def fill(model):
        state = {name: torch.tensor(draw(name, value.shape), dtype=torch.float32) for name, value in model.state_dict().items()}
        if "lm_head.weight" in state:
            state["lm_head.weight"] = state["transformer.wte.weight"]
        model.load_state_dict(state)
        return model.eval()

    sizes = {"vocab_size": 20, "max_position_embeddings": 8}
    bert = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12}
    model = fill(BertForSequenceClassification(BertConfig(**sizes, **bert, num_labels=3)))
    model.save_pretrained(OUT / "bert")
    model.save_pretrained(OUT / "bert-shards", max_shard_size="4KB")
    model.half().save_pretrained(OUT / "bert-half")
    config = DistilBertConfig(**sizes, dim=8, n_layers=1, n_heads=2, hidden_dim=12)
    fill(DistilBertModel(config)).save_pretrained(OUT / "distilbert")
    config = GPT2Config(vocab_size=20, n_positions=8, n_embd=8, n_layer=1, n_head=2, n_inner=12, bos_token_id=0, eos_token_id=0)
    fill(GPT2LMHeadModel(config)).save_pretrained(OUT / "gpt2")
    for folder in OUT.iterdir():
        for extra in ("generation_config.json", "README.md"):
            (folder / extra).unlink(missing_ok=True) if folder.is_dir() else None
    # As the first checkpoints on the hub are: gamma and beta, a pretraining head.
    early = {}
    for name, value in fill(BertForSequenceClassification(BertConfig(**sizes, **bert, num_labels=3))).state_dict().items():
        if name.startswith("classifier"):
            continue
        early[name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")] = value
    early["cls.seq_relationship.bias"] = torch.zeros(2)
    (OUT / "bert-early").mkdir(exist_ok=True)
    save_file({name: value.contiguous() for name, value in early.items()}, OUT / "bert-early" / "model.safetensors")
    shutil.copy(OUT / "bert" / "config.json", OUT / "bert-early" / "config.json")
    print(json.loads((OUT / "bert" / "config.json").read_text()))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    OUT.mkdir(parents=True, exist_ok=True)
    {"keras": keras_files, "hugging-face": hugging_face_files}[sys.argv[1]]()
