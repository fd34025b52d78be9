"""Writes vectors/language-model.json: how Hugging Face's GPT2LMHeadModel learns to foretell tokens, loss by loss.

Needs torch and transformers; nothing is downloaded. A small GPT-2 without dropout, weights drawn by name as in
forward-goldens.py, a token a character, texts cut and padded, padding masked (labels of -100), all texts in each batch,
torch's Adam, all in float64. `partial` learns the last block and ln_f alone; `features` learns a head of its own, which
begins as a copy of the embeddings.

    python packages/training/scripts/language-model.py
"""
import importlib.util
import json
import math
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("forward_goldens", HERE / "forward-goldens.py")
goldens = importlib.util.module_from_spec(spec)
spec.loader.exec_module(goldens)

CHARACTERS = "abcdefghijklmnopqrstuvwxyz .,!?"
LENGTH, EPOCHS, RATE = 12, 8, 1e-2
TRAIN = [
    "the cat sat.", "the cat ran.", "a dog sat on the mat.", "a dog ran.", "who sat?", "the dog!", "cats and dogs",
    "on a mat, a cat", "oh no", "the mat, the cat.", "z", "ran, ran, ran!",
]
VALIDATION = ["the dog sat.", "a cat ran on.", "who ran?", "the mat"]


def encode(texts):
    rows = [[CHARACTERS.index(one) for one in text[:LENGTH]] for text in texts]
    ids = torch.tensor([row + [0] * (LENGTH - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (LENGTH - len(row)) for row in rows])
    return {"input_ids": ids, "attention_mask": mask, "labels": ids.masked_fill(mask == 0, -100)}


def build(tied):
    sizes = {"vocab_size": 32, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_inner": 32, "n_positions": 16}
    drops = {"resid_pdrop": 0, "embd_pdrop": 0, "attn_pdrop": 0}
    config = GPT2Config(**sizes, **drops, bos_token_id=0, eos_token_id=0, tie_word_embeddings=tied)
    model = GPT2LMHeadModel(config)
    state = {}
    for name, tensor in model.state_dict().items():
        s = goldens.draw(name, tensor.shape)
        if ".ln_" in name:
            value = 1 + 0.2 * s if name.endswith("weight") else 0.1 * s
        elif name.endswith("bias"):
            value = 0.1 * s
        elif ".wte" in name or ".wpe" in name:
            value = 0.5 * s
        elif name == "lm_head.weight":
            value = 0.5 * goldens.draw("transformer.wte.weight", tensor.shape)
        else:
            value = s * np.sqrt(3 / tensor.shape[0])
        state[name] = torch.tensor(value)
    model.load_state_dict(state)
    return model


def learn(tied, learns):
    model = build(tied)
    parameters = [tensor for name, tensor in model.named_parameters() if tensor.requires_grad_(learns(name)).requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=RATE, betas=(0.9, 0.999), eps=1e-8)
    train, validation = encode(TRAIN), encode(VALIDATION)
    losses = {"train": [], "validation": []}
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        loss = model(**train).loss
        loss.backward()
        optimizer.step()
        losses["train"].append(loss.item())
        with torch.no_grad():
            losses["validation"].append(model(**validation).loss.item())
    return {**losses, "perplexity": math.exp(losses["validation"][-1])}


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    found = {
        "origin": f"transformers {transformers.__version__}, torch {torch.__version__.split('+')[0]}",
        "characters": CHARACTERS,
        "length": LENGTH,
        "learningRate": RATE,
        "texts": {"train": TRAIN, "validation": VALIDATION},
        "full": learn(True, lambda name: True),
        "partial": learn(True, lambda name: ".h.1." in name or ".ln_f." in name),
        "features": learn(False, lambda name: name.startswith("lm_head")),
    }
    out = HERE.parent / "vectors" / "language-model.json"
    out.write_text(json.dumps(found, indent="\t") + "\n")
    for name in ("full", "partial", "features"):
        print(name, found[name]["train"][0], found[name]["train"][-1], found[name]["perplexity"])
