"""Reads what write-exports.mjs wrote with the readers of each ecosystem, and compares the outputs with ours.

Needs, in one or several environments, keras (h5), onnx and onnxruntime (onnx), torch and transformers (safetensors);
what is not installed is left out and said.

    python packages/training/scripts/check-exports.py FOLDER
"""
import json
import sys
from pathlib import Path

import numpy as np


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def read_h5(folder, case, inputs):
    import keras

    return keras.models.load_model(folder / "model.h5", compile=False).predict(inputs, verbose=0), softmax


def read_onnx(folder, case, inputs):
    import onnx
    import onnxruntime

    onnx.checker.check_model(str(folder / "model.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
    return session.run(None, {"input": inputs})[0], softmax


def read_safetensors(folder, case, inputs):
    if case["readBy"] is None:
        from safetensors.numpy import load_file

        tensors = load_file(folder / "model.safetensors")
        assert all(name.split("/")[0] in ("backbone", "head") for name in tensors), list(tensors)[:3]
        return None, None
    import torch
    import transformers

    model, report = getattr(transformers, case["readBy"]).from_pretrained(folder, output_loading_info=True)
    lost = {key: value for key, value in report.items() if value}
    assert not lost, lost
    ids, mask, segments = (torch.tensor(inputs[:, row]).long() for row in range(3))
    given = {"input_ids": ids, "attention_mask": mask}
    if model.config.model_type == "bert":
        given["token_type_ids"] = segments
    with torch.no_grad():
        return model.eval()(**given).logits.numpy(), lambda logits: logits


READERS = {"h5": read_h5, "onnx": read_onnx, "safetensors": read_safetensors}

if __name__ == "__main__":
    top = Path(sys.argv[1])
    for case in json.loads((top / "cases.json").read_text()):
        name = f"{case['architecture']} as {case['format']}"
        if case["format"] not in READERS:
            continue
        inputs = np.array(case["inputs"], dtype=np.float32).reshape(case["shape"])
        logits = np.array(case["logits"], dtype=np.float32).reshape(len(inputs), -1)
        try:
            found, of = READERS[case["format"]](top / case["architecture"] / case["format"], case, inputs)
        except ModuleNotFoundError as error:
            print(f"left out  {name}: {error}")
            continue
        if found is None:
            print(f"ok        {name}: readable")
            continue
        difference = float(np.abs(found - of(logits)).max())
        print(f"{'ok' if difference <= 1e-4 * max(1, np.abs(of(logits)).max()) else 'WRONG':9} {name}: largest difference {difference:.1e}")
