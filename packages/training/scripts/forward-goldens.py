"""Writes vectors/forward-goldens.json: forward passes of Keras' and Hugging Face's networks with drawn weights.

Needs keras (with TensorFlow or torch), transformers and torch; nothing is downloaded. Weights are drawn by name: seed
FNV-1a-32 of the name, mulberry32, s = 2u - 1, row by row. Keras: kernels s sqrt(6 / fan in), gamma and moving_variance
1 + 0.2 s, the rest 0.1 s. Hugging Face: linear kernels s sqrt(3 / fan in), embeddings 0.5 s, LayerNorm weights 1 + 0.2 s,
biases 0.1 s. All in float64.

    python packages/training/scripts/forward-goldens.py keras      # then the same with: hugging-face
"""
import json
import sys
from pathlib import Path

import numpy as np

OUT = Path(__file__).parent.parent / "vectors" / "forward-goldens.json"


def draw(name, shape):
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        a = np.uint32(seed) + np.uint32(0x6D2B79F5) * np.arange(1, count + 1, dtype=np.uint32)
        t = (a ^ (a >> np.uint32(15))) * (a | np.uint32(1))
        t ^= t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61))
        t ^= t >> np.uint32(14)
    return (2 * (t.astype(np.float64) / 2**32) - 1).reshape(shape)


def probe(values):
    flat = values.reshape(-1)
    return {
        "shape": list(values.shape),
        "mean": float(flat.mean()),
        "std": float(flat.std()),
        "first8": flat[:8].tolist(),
        "last4": flat[-4:].tolist(),
    }


def keras_goldens():
    import keras

    keras.config.set_floatx("float64")
    apps = keras.applications
    wanted = {
        "vgg16": (apps.VGG16, False, 64, ["block2_pool", "block5_pool"]),
        "vgg16-top": (apps.VGG16, True, 32, ["block5_pool", "predictions"]),
        "resnet50-top": (apps.ResNet50, True, 64, ["avg_pool", "predictions"]),
        "mobilenet-v2-top": (apps.MobileNetV2, True, 64, ["global_average_pooling2d", "predictions"]),
        "inception-v3": (apps.InceptionV3, False, 75, ["mixed0", "mixed3", "mixed7", "mixed8", "mixed9", "mixed10"]),
    }
    found = {}
    for name, (build, top, size, probes) in wanted.items():
        keras.backend.clear_session()
        model = build(weights=None, include_top=top, input_shape=(size, size, 3))
        for layer in model.layers:
            drawn = []
            for weight in layer.weights:
                variable = weight.name.split("/")[-1].split(":")[0].replace("depthwise_kernel", "kernel")
                s = draw(f"{layer.name}/{variable}", weight.shape)
                if variable == "kernel":
                    kh_kw_cin = np.prod(weight.shape[:-1]) if "depthwise" not in layer.name else np.prod(weight.shape[:2])
                    drawn.append(s * np.sqrt(6 / kh_kw_cin))
                elif variable in ("gamma", "moving_variance"):
                    drawn.append(1 + 0.2 * s)
                else:
                    drawn.append(0.1 * s)
            layer.set_weights(drawn)
        shape = (2, size, size, 3) if size < 64 else (1, size, size, 3)
        reader = keras.Model(model.input, [model.get_layer(one).output for one in probes])
        outputs = reader(draw("input", shape), training=False)
        # Our classifier's softmax is a layer of its own.
        names = ["predictions_softmax" if one == "predictions" else one for one in probes]
        found[name] = {
            "input": list(shape),
            "probes": {one: probe(np.asarray(y)) for one, y in zip(names, outputs, strict=True)},
        }
        print(name, found[name]["probes"][names[-1]]["mean"])
    return {"origin": f"keras {keras.__version__} applications", **found}


def hugging_face_goldens():
    import torch
    import transformers
    from transformers import (
        DistilBertConfig,
        DistilBertForSequenceClassification,
        GPT2Config,
        GPT2ForSequenceClassification,
        GPT2LMHeadModel,
    )

    torch.set_default_dtype(torch.float64)

    def fill(model, transposed=True):
        state = {}
        for name, tensor in model.state_dict().items():
            s = draw(name, tensor.shape)
            if "norm" in name.lower() or ".ln_" in name:
                value = 1 + 0.2 * s if name.endswith("weight") else 0.1 * s
            elif name.endswith("bias"):
                value = 0.1 * s
            elif "embeddings" in name or ".wte" in name or ".wpe" in name:
                value = 0.5 * s
            elif name == "lm_head.weight":
                value = 0.5 * draw("transformer.wte.weight", tensor.shape)
            else:
                fan_in = tensor.shape[1] if transposed or name.startswith("score") else tensor.shape[0]
                value = s * np.sqrt(3 / fan_in)
            state[name] = torch.tensor(value)
        model.load_state_dict(state)
        return model.eval()

    ids = [[2, 7, 11, 5, 30, 1], [2, 9, 3, 1, 0, 0]]
    mask = [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]]
    given = {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}
    small = {"vocab_size": 32}
    found = {"origin": f"transformers {transformers.__version__}", "ids": ids, "mask": mask}

    config = DistilBertConfig(**small, dim=16, n_layers=2, n_heads=4, hidden_dim=32, max_position_embeddings=16, num_labels=3)
    model = fill(DistilBertForSequenceClassification(config))
    with torch.no_grad():
        hidden = model.distilbert(**given).last_hidden_state
        logits = model(**given).logits
    found["distilbert"] = {"first_token": hidden[:, 0].tolist(), "logits": logits.tolist()}

    sizes = {"n_embd": 16, "n_layer": 2, "n_head": 4, "n_positions": 16, "bos_token_id": 0, "eos_token_id": 0}
    config = GPT2Config(**small, **sizes, num_labels=3, pad_token_id=0)
    model = fill(GPT2ForSequenceClassification(config), transposed=False)
    language = fill(GPT2LMHeadModel(config), transposed=False)
    with torch.no_grad():
        hidden = model.transformer(**given).last_hidden_state
        logits = model(**given).logits
        next_token = language(**given).logits
        loss = language(input_ids=given["input_ids"][:1], labels=given["input_ids"][:1]).loss
    found["gpt2"] = {
        "hidden": [hidden[0].tolist(), hidden[1, :4].tolist()],
        "logits": logits.tolist(),
        "next_token_last": [next_token[0, 5].tolist(), next_token[1, 3].tolist()],
        "shifted_cross_entropy": float(loss),
    }
    print(found["distilbert"]["logits"], found["gpt2"]["logits"], float(loss))
    return found


if __name__ == "__main__":
    part = sys.argv[1]
    known = json.loads(OUT.read_text()) if OUT.exists() else {}
    known[part] = {"keras": keras_goldens, "hugging-face": hugging_face_goldens}[part]()
    OUT.write_text(json.dumps(known, separators=(",", ":")) + "\n")
