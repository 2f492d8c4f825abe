"""Makes examples/messages: a tokenizer, a small transformer that has read service messages, and tables of messages.

    python3 examples/python/train_messages.py [FOLDER]

The transformer learned to fill in words that are masked in 600 messages of a first plant. The tables are of a second plant, which wants
to know whether somebody has to come today. What is exported are the hidden states, one vector a token, as published sentence encoders
have them.

Needs PyTorch (1.13 or later).
"""

import csv
import json
import random
import sys

import torch

TOPICS = {
    "leak": ["the seal leaks", "water drips from the valve", "oil is under the pump", "the pipe is wet"],
    "noise": ["the bearing is loud", "the pump rattles", "the gear squeaks", "the motor hums"],
    "heat": ["the housing is hot", "the oil smokes", "the motor is warm", "the bearing glows"],
    "power": ["the fuse is out", "the cable is loose", "the motor stops", "the display is dark"],
}
WHERE = ["in hall one", "in hall two", "at the tank", "near the door", "on the roof", ""]
TODAY = ["badly", "since an hour more and more", "now", "and it gets worse", "again and again"]
LATER = ["a little", "since weeks", "as always", "but it works", "from time to time"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LENGTH = 20


def message(draw, topic, ends):
    """One message about a topic, with one of the endings."""
    return " ".join(part for part in (draw.choice(TOPICS[topic]), draw.choice(WHERE), draw.choice(ends)) if part)


class Encoder(torch.nn.Module):
    """One layer of attention over word pieces; hidden states [n, T, width]."""

    def __init__(self, words, width=16):
        super().__init__()
        self.width = width
        self.words = torch.nn.Embedding(words, width)
        self.positions = torch.nn.Embedding(LENGTH, width)
        self.query, self.key, self.value, self.out = (torch.nn.Linear(width, width) for _ in range(4))
        self.norm = torch.nn.LayerNorm(width)

    def forward(self, input_ids, attention_mask):
        places = torch.arange(input_ids.shape[1])[None, :]
        h = self.words(input_ids) + self.positions(places)
        scores = self.query(h) @ self.key(h).transpose(1, 2) / self.width**0.5
        scores = scores + (1.0 - attention_mask[:, None, :].float()) * -10000.0
        h = self.norm(h + torch.softmax(scores, -1) @ self.value(h))
        return h + torch.nn.functional.gelu(self.out(h))


def tokens(vocabulary, texts):
    """Ids and mask, framed by [CLS] and [SEP] and padded."""
    ids, mask = torch.zeros(len(texts), LENGTH, dtype=torch.int64), torch.zeros(len(texts), LENGTH, dtype=torch.int64)
    for row, text in enumerate(texts):
        pieces = [vocabulary["[CLS]"], *(vocabulary[word] for word in text.split()), vocabulary["[SEP]"]]
        ids[row, : len(pieces)], mask[row, : len(pieces)] = torch.tensor(pieces), 1
    return ids, mask


def trained(vocabulary, draw):
    """The transformer after 300 full steps of Adam on guessing every fifth word of 600 messages; the head is thrown away."""
    torch.manual_seed(1)
    ids, mask = tokens(vocabulary, [message(draw, draw.choice(list(TOPICS)), TODAY + LATER) for _ in range(600)])
    encoder, head = Encoder(len(vocabulary)), torch.nn.Linear(16, len(vocabulary))
    adam = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=1e-2)
    for _ in range(300):
        adam.zero_grad()
        hidden = (ids >= len(SPECIAL)) & (torch.rand(ids.shape) < 0.2)
        guesses = head(encoder(torch.where(hidden, vocabulary["[MASK]"], ids), mask))
        torch.nn.functional.cross_entropy(guesses[hidden], ids[hidden]).backward()
        adam.step()
    return encoder.eval()


def tables(folder, draw):
    """Messages of the second plant with the answer to the new question."""
    for name, rows in (("messages.csv", 60), ("test.csv", 40)):
        with open(f"{folder}/{name}", "w", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(["message", "today"])
            for _ in range(rows):
                today = draw.random() < 0.5
                out.writerow([message(draw, draw.choice(list(TOPICS)), TODAY if today else LATER), "yes" if today else "no"])


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "examples/messages"
    draw = random.Random(1)
    words = sorted({word for part in [*sum(TOPICS.values(), []), *WHERE, *TODAY, *LATER] for word in part.split()})
    vocabulary = {piece: i for i, piece in enumerate(SPECIAL + words)}
    tokenizer = {
        "version": "1.0",
        "added_tokens": [{"id": i, "content": piece} for i, piece in enumerate(SPECIAL)],
        "normalizer": {"type": "BertNormalizer", "lowercase": True, "strip_accents": None},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocabulary},
    }
    with open(f"{folder}/tokenizer.json", "w") as file:
        json.dump(tokenizer, file, indent=1)
        file.write("\n")
    encoder = trained(vocabulary, draw)
    names = ["input_ids", "attention_mask"]
    torch.onnx.export(
        encoder, tokens(vocabulary, ["the seal leaks"]), f"{folder}/encoder.onnx", input_names=names, output_names=["hidden"],
        dynamic_axes={name: {0: "batch", 1: "length"} for name in names + ["hidden"]}, opset_version=17,
    )
    tables(folder, draw)


if __name__ == "__main__":
    main()
