"""Writes src/test/resources/org/finitentk/text: a tokenizer of 40 word pieces and a small transformer that takes them.

Run with torch 1.13 (torch.onnx, opset 14) from the project's folder. All axes but those of the weights are open, and the
output is hidden states [n, T, 8], as published networks of sentence embeddings have them.
"""

import json
import os

import torch

FOLDER = "src/test/resources/org/finitentk/text"
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (
    "a the cat dog bird fish sat ran sang swam on in mat house tree sea happy sad very not good bad play ##ing ##ed ##s "
    "walk talk jump sleep eat drink . , !"
).split()


class Encoder(torch.nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.width = width
        self.words = torch.nn.Embedding(len(PIECES), width)
        self.positions = torch.nn.Embedding(32, width)
        self.types = torch.nn.Embedding(2, width)
        self.query = torch.nn.Linear(width, width)
        self.key = torch.nn.Linear(width, width)
        self.value = torch.nn.Linear(width, width)
        self.norm = torch.nn.LayerNorm(width)
        self.out = torch.nn.Linear(width, width)

    def forward(self, input_ids, attention_mask, token_type_ids):
        places = torch.arange(input_ids.shape[1])[None, :]
        h = self.words(input_ids) + self.positions(places) + self.types(token_type_ids)
        scores = self.query(h) @ self.key(h).transpose(1, 2) / self.width**0.5
        scores = scores + (1.0 - attention_mask[:, None, :].float()) * -10000.0
        h = self.norm(h + torch.softmax(scores, -1) @ self.value(h))
        return h + torch.nn.functional.gelu(self.out(h))


def main():
    os.makedirs(FOLDER, exist_ok=True)
    tokenizer = {
        "version": "1.0",
        "added_tokens": [{"id": i, "content": piece} for i, piece in enumerate(PIECES[:5])],
        "normalizer": {"type": "BertNormalizer", "lowercase": True, "strip_accents": None},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {piece: i for i, piece in enumerate(PIECES)},
        },
    }
    with open(os.path.join(FOLDER, "tokenizer.json"), "w") as file:
        json.dump(tokenizer, file, indent=1)
        file.write("\n")
    torch.manual_seed(3)
    ids = torch.randint(0, len(PIECES), (2, 7))
    names = ["input_ids", "attention_mask", "token_type_ids"]
    torch.onnx.export(
        Encoder(),
        (ids, torch.ones_like(ids), torch.zeros_like(ids)),
        os.path.join(FOLDER, "encoder.onnx"),
        opset_version=14,
        input_names=names,
        output_names=["hidden"],
        dynamic_axes={name: {0: "batch", 1: "length"} for name in names + ["hidden"]},
    )


if __name__ == "__main__":
    main()
