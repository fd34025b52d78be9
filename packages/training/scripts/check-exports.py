"""Loads what write-exports.mjs wrote with the readers of each ecosystem, and compares the outputs with ours.

Needs, in one or several environments, keras (h5, safetensors of Keras' applications; Transformers want 3.7 or newer), onnx and onnxruntime (onnx), torch and
transformers (safetensors of Transformers); what is not installed is left out and said.

    python packages/training/scripts/check-exports.py FOLDER
"""
import json
import sys
from pathlib import Path

import numpy as np

APPLICATIONS = {"vgg16": "VGG16", "resnet50": "ResNet50", "inception-v3": "InceptionV3", "mobilenet-v2": "MobileNetV2"}


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def same(logits):
    return logits


def read_h5(folder, case, inputs):
    import keras

    model = keras.models.load_model(folder / "model.h5", compile=False)
    if not case["isText"]:
        return model.predict(inputs, verbose=0), softmax
    rows = dict(zip(["input_ids", "attention_mask", "token_type_ids"], np.moveaxis(inputs, 1, 0).astype(np.int32)))
    # Only as long as the longest text: the model takes any length.
    longest = int(inputs[:, 1].sum(axis=1).max())
    tokens = {name: rows[name][:, :longest] for name in model.input}
    found = model.predict(tokens, verbose=0)
    # What Keras itself makes of the model must be the same one.
    again = folder / "again.keras"
    model.save(again)
    assert np.allclose(keras.models.load_model(again).predict(tokens, verbose=0), found, rtol=1e-5, atol=1e-5)
    return found, softmax if case["labelled"] else same


def read_onnx(folder, case, inputs):
    import onnx
    import onnxruntime

    onnx.checker.check_model(str(folder / "model.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
    if not case["isText"]:
        return session.run(None, {"input": inputs})[0], softmax
    tokens = tokens_of(folder, case, inputs, "np")
    names = [one.name for one in session.get_inputs()]
    # Only as long as the longest text: the model takes any length.
    [outputs] = session.run(None, {name: tokens[name].astype(np.int64) for name in names})
    return outputs, softmax if case["labelled"] else same


def tokens_of(folder, case, inputs, kind):
    """Hugging Face's tokenizer must say what ours says."""
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokens = tokenizer(case["sentences"], truncation=True, padding=True, return_tensors=kind)
    mask = inputs[:, 1, : tokens["input_ids"].shape[1]] == 1
    assert inputs[:, 1].sum() == mask.sum() and (np.array(tokens["attention_mask"]) == mask).all()
    assert (np.array(tokens["input_ids"])[mask] == inputs[:, 0, : mask.shape[1]][mask]).all(), tokens
    return tokens


def read_safetensors(folder, case, inputs):
    if case["readBy"] is not None:
        return read_transformer(folder, case, inputs)
    from safetensors.numpy import load_file

    tensors = load_file(folder / "model.safetensors")
    name = APPLICATIONS.get(case["architecture"])
    if name is None:
        assert all(name.split("/")[0] in ("backbone", "head") for name in tensors), list(tensors)[:3]
        return None, None
    import keras

    keras.backend.clear_session()
    backbone = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=inputs.shape[1:])
    for layer in backbone.layers:
        layer.set_weights([tensors[f"backbone/{layer.name}/{one.name}"] for one in layer.weights])
    features = backbone.predict(inputs, verbose=0)
    pooled = features.mean(axis=(1, 2)) if case["head"]["pooling"] == "average" else features.max(axis=(1, 2))
    return head_on(pooled, tensors, case["head"]), same


def head_on(x, tensors, head):
    import math

    for number, layer in enumerate(head["hidden"], 1):
        x = x @ tensors[f"head/hidden{number}/kernel"] + tensors[f"head/hidden{number}/bias"]
        kind = "relu" if isinstance(layer, int) else layer["activation"]
        gelu = np.vectorize(lambda one: one * (1 + math.erf(one / math.sqrt(2))) / 2)
        x = {"relu": lambda: np.maximum(x, 0), "tanh": lambda: np.tanh(x), "gelu": lambda: gelu(x)}[kind]()
    return x @ tensors["head/logits/kernel"] + tensors["head/logits/bias"]


def read_transformer(folder, case, inputs):
    import torch
    import transformers

    tokens = tokens_of(folder, case, inputs, "pt")
    model, report = getattr(transformers, case["readBy"]).from_pretrained(folder, output_loading_info=True)
    lost = {key: value for key, value in report.items() if value}
    assert not lost, lost
    kind = case["readBy"]
    auto = {"Model": "AutoModel", "LMHeadModel": "AutoModelForCausalLM", "Classification": "AutoModelForSequenceClassification"}
    by = next(auto[end] for end in ("LMHeadModel", "Classification", "Model") if kind.endswith(end))
    assert type(getattr(transformers, by).from_pretrained(folder)).__name__ == kind
    with torch.no_grad():
        found = model.eval()(**tokens)
    if case["headFile"] is None:
        return found.logits.numpy(), same
    from safetensors.numpy import load_file

    return head_on(found.pooler_output.numpy(), load_file(folder / case["headFile"]), case["head"]), same


READERS = {"h5": read_h5, "onnx": read_onnx, "safetensors": read_safetensors}

if __name__ == "__main__":
    top = Path(sys.argv[1])
    wrong = 0
    for case in json.loads((top / "cases.json").read_text()):
        name = f"{case['architecture']} as {case['format']}" + (f" ({case['readBy']})" if case["readBy"] else "")
        if case["format"] not in READERS:
            continue
        inputs = np.array(case["inputs"], dtype=np.float32).reshape(case["shape"])
        logits = np.array(case["logits"], dtype=np.float32).reshape(len(inputs), -1)
        case["labelled"] = logits.shape[1] == 3
        try:
            found, of = READERS[case["format"]](top / case["folder"], case, inputs)
        except ModuleNotFoundError as error:
            print(f"left out  {name}: {error}")
            continue
        if found is None:
            print(f"ok        {name}: readable")
            continue
        if not case["labelled"]:
            # Scores of each token: those of padding say nothing.
            logits = logits.reshape(len(inputs), inputs.shape[2], -1)[:, : found.shape[1]]
            seen = inputs[:, 1, : found.shape[1]] == 1
            found, logits = found[seen], logits[seen]
        expected = of(logits)
        difference = float(np.abs(found - expected).max())
        ok = difference <= 1e-4 * max(1, np.abs(expected).max())
        wrong += not ok
        print(f"{'ok' if ok else 'WRONG':9} {name}: largest difference {difference:.1e}")
    sys.exit(wrong > 0)
