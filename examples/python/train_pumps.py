"""Trains the two classifiers in examples/pumps with PyTorch, as an export from elsewhere would look.

    python3 examples/python/train_pumps.py [FOLDER]

state.onnx has three logits (good, repair, watch), alarm.onnx one logit, the log odds of an alarm. Both learned from 400 measurements of a
first plant; the tables in examples/pumps are of a second plant, whose pumps are somewhat different. state.onnx says in its metadata
which columns its inputs are and which label each output is; alarm.onnx says nothing, as most exports do.

Needs PyTorch (1.13 or later) and the onnx package.
"""

import sys

import numpy
import onnx
import torch


def first_plant(rows, seed):
    """Load, temperature, age, and the pressure of the pumps of the first plant (see MakePumps.java)."""
    random = numpy.random.default_rng(seed)
    load = 2 * random.random(rows)
    temperature = random.standard_normal(rows)
    age = 3 * random.random(rows)
    pressure = numpy.sin(1.5 * load) - 0.2 * age * load + 0.05 * random.standard_normal(rows)
    return torch.tensor(numpy.stack([load, temperature, age], 1), dtype=torch.float32), pressure


def trained(outputs, x, y, loss):
    """A small multilayer perceptron after 400 full steps of Adam, with weight decay so that it stays unsure where classes overlap."""
    torch.manual_seed(1)
    network = torch.nn.Sequential(
        torch.nn.Linear(3, 16), torch.nn.Tanh(), torch.nn.Linear(16, 16), torch.nn.Tanh(), torch.nn.Linear(16, outputs)
    )
    adam = torch.optim.Adam(network.parameters(), lr=1e-2, weight_decay=1e-3)
    for _ in range(400):
        adam.zero_grad()
        loss(network(x), y).backward()
        adam.step()
    return network.eval()


def export(network, path):
    """An ordinary export; the size of the batch is left open."""
    torch.onnx.export(
        network, torch.zeros(1, 3), path, input_names=["x"], output_names=["logits"],
        dynamic_axes={"x": {0: "batch"}, "logits": {0: "batch"}}, opset_version=17,
    )


def name(path, features, labels):
    """Writes down, in the file itself, which column each input is and which label each output is."""
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"finite_ntk.features": str(features).replace("'", '"'), "finite_ntk.outputs": str(labels).replace("'", '"')})
    onnx.save(model, path)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "examples/pumps"
    x, pressure = first_plant(400, 1)
    labels = ["good", "repair", "watch"]
    state = torch.tensor(numpy.where(pressure > 0.7, 0, numpy.where(pressure > 0.2, 2, 1)))
    export(trained(3, x, state, torch.nn.CrossEntropyLoss()), folder + "/state.onnx")
    name(folder + "/state.onnx", ["load", "temperature", "age"], labels)
    alarm = torch.tensor(pressure < 0.45, dtype=torch.float32)[:, None]
    export(trained(1, x, alarm, torch.nn.BCEWithLogitsLoss()), folder + "/alarm.onnx")


if __name__ == "__main__":
    main()
