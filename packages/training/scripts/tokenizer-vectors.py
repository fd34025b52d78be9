"""Writes packages/training/vectors/tokenizers.json: what Hugging Face's own library makes of texts that are too long.

pip install tokenizers; python packages/training/scripts/tokenizer-vectors.py
"""

import json
import pathlib
import tempfile

from tokenizers import BertWordPieceTokenizer

VOCABULARY = "[UNK] [CLS] [SEP] [PAD] [MASK] want ##want ##ed wa un runn ##ing , low lowest a naive ! 博 推".split()
LONG = "low lowest want unwanted running , a naive want !"
CASES = [
    (LONG, None, 512),
    (LONG, None, 8),
    (LONG, None, 2),
    ("", None, 4),
    ("Low [SEP] naïve 博推!", None, 12),
    ("low lowest", "want running", 512),
    (LONG, "low", 8),
    ("low", LONG, 8),
    (LONG, LONG, 8),
    (LONG, LONG, 9),
    (LONG, "low lowest want a", 9),
    ("low lowest want a", LONG, 10),
    ("low", LONG, 4),
    ("", LONG, 6),
]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "vocab.txt")
        file.write_text("\n".join(VOCABULARY), encoding="utf-8")
        tokenizer = BertWordPieceTokenizer(str(file), lowercase=True)
    cases = []
    for text, pair, length in CASES:
        tokenizer.enable_truncation(max_length=length, strategy="longest_first")
        found = tokenizer.encode(text, pair)
        cases.append(
            {"text": text, "pair": pair, "length": length, "ids": found.ids, "segments": found.type_ids}
        )
    here = pathlib.Path(__file__).parent.parent
    target = here / "vectors" / "tokenizers.json"
    target.parent.mkdir(exist_ok=True)
    rows = ",\n".join("\t\t" + json.dumps(case, ensure_ascii=False) for case in cases)
    vocabulary = json.dumps(VOCABULARY, ensure_ascii=False)
    target.write_text(f'{{\n\t"vocabulary": {vocabulary},\n\t"cases": [\n{rows}\n\t]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
