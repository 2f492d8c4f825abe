"""The READMEs' tables from a results.csv of uci-gp, olivetti-rotation or sinusoid-widths, whose tasks are a group and a number: scores of every method, and NLPD (or another column) of the
others less that of one method, task by task.

    python3 provenance/uci-gp/tables.py provenance/uci-gp/0.3.0/results.csv ["Finite-NTK GP" [rmse]]
"""

import csv
import statistics
import sys

rows = list(csv.DictReader(open(sys.argv[1])))
one = sys.argv[2] if len(sys.argv) > 2 else rows[0]["method"]
metric = sys.argv[3] if len(sys.argv) > 3 else "nlpd"
methods = list(dict.fromkeys(row["method"] for row in rows))
sets = list(dict.fromkeys(row["task"].rsplit(" ", 1)[0] for row in rows))
values = {(row["method"], row["task"]): row for row in rows}


def splits(name):
    return list(dict.fromkeys(row["task"] for row in rows if row["task"].rsplit(" ", 1)[0] == name))


def mean(numbers):
    return statistics.mean(numbers), statistics.stdev(numbers) / len(numbers) ** 0.5


def cell(method, name, metric, digits, factor=1, unit=""):
    return "%.*f ± %.*f%s" % (digits, factor * mean(column(method, name, metric))[0], digits, factor * mean(column(method, name, metric))[1], unit)


def column(method, name, metric):
    return [float(values[method, task][metric]) for task in splits(name)]


print("| data set | method | RMSE | NLPD | CRPS | 95 % coverage | kurtosis |\n|---|---|---|---|---|---|---|")
for name in sets:
    for method in methods:
        scores = [cell(method, name, "rmse", 4), cell(method, name, "nlpd", 3), cell(method, name, "crps", 4)]
        scores += [cell(method, name, "coverage_0.95", 1, 100, " %"), cell(method, name, "kurtosis", 1)]
        print("| %s | %s | %s |" % (name if method == methods[0] else "", method, " | ".join(scores)))
others = [method for method in methods if method != one]
print("\n| data set | %s |\n|---%s|" % (" | ".join(others), "|---" * len(others)))
for name in sets:
    cells = []
    for method in others:
        differences = [a - b for a, b in zip(column(method, name, metric), column(one, name, metric))]
        cells.append("%+.3f ± %.3f (%d)" % (*mean(differences), sum(difference > 0 for difference in differences)))
    print("| %s | %s |" % (name, " | ".join(cells)))
