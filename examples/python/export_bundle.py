#!/usr/bin/env python3
"""Exports a PyTorch module with its Jacobian products as a bundle that tribuo-finite-ntk opens.

Three graphs are written: forward.onnx (x -> f), jvp.onnx (x, tangent -> f, jv) and vjp.onnx (x, cotangent -> f, vjp),
and bundle.json, which names the parameters. PyTorch differentiates here, not tribuo-finite-ntk: use it for modules
whose plain ONNX export has an operator without a derivative rule.

    from export_bundle import export_bundle
    export_bundle(module.eval(), torch.zeros(8, 3, 32, 32), "net-bundle")

    java -jar target/tribuo-finite-ntk.jar check net-bundle

The batch size of the example is the bundle's own: tracing writes sizes down as numbers. tribuo-finite-ntk runs any
number of examples through such graphs, that many at a time; 8 to 64 is a good number.

jvp is written as the vjp of the vjp: u -> J^T u is linear, and its transpose is J. So only reverse-mode rules are needed.
PyTorch 1.13 has these functions in functorch, 2.1 and later in torch.func. Run by itself, the script writes
the three bundles of its own examples (an mlp, a convolutional network, a network with LayerNorm):

    export_bundle.py FOLDER
"""
import hashlib
import inspect
import json
import os
import sys

import torch
from torch import nn
from torch.fx.experimental.proxy_tensor import make_fx

try:
    from torch.func import functional_call, vjp
except ImportError:
    from functorch import vjp
    from torch.nn.utils.stateless import functional_call

from torch._decomp import get_decompositions

aten = torch.ops.aten
OPSET = 17
FILES = ("forward.onnx", "jvp.onnx", "vjp.onnx")


def _rest(cotangent, x, weight, stride, padding, dilation):
    """What the transposed convolution of the cotangent lacks of x: the last columns, which no kernel reached."""
    rest = []
    for i in range(x.dim() - 2):
        kernel = dilation[i] * (weight.shape[i + 2] - 1) + 1
        rest.append(x.shape[i + 2] - (cotangent.shape[i + 2] - 1) * stride[i] + 2 * padding[i] - kernel)
    return rest


def _convolution_backward(
    cotangent, x, weight, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask
):
    """The gradient of a convolution in convolutions; ONNX has no operator of its own for it."""
    if transposed:
        raise NotImplementedError("ConvTranspose is not exported; expected Conv1d, Conv2d or Conv3d")
    spatial = range(2, x.dim())
    by_x = by_weight = by_bias = None
    if mask[0]:
        rest = _rest(cotangent, x, weight, stride, padding, dilation)
        by_x = aten.convolution.default(cotangent, weight, None, stride, padding, dilation, True, rest, groups)
    if mask[1]:
        parts = []
        for g in range(groups):
            mine = x.shape[1] // groups
            made = cotangent.shape[1] // groups
            a = x[:, g * mine : (g + 1) * mine].transpose(0, 1)
            b = cotangent[:, g * made : (g + 1) * made].transpose(0, 1)
            part = aten.convolution.default(a, b, None, dilation, padding, stride, False, [0] * len(stride), 1)
            for axis in spatial:
                part = part.narrow(axis, 0, weight.shape[axis])
            parts.append(part.transpose(0, 1))
        by_weight = torch.cat(parts) if groups > 1 else parts[0]
    if mask[2]:
        by_bias = cotangent.sum([0, *spatial])
    return by_x, by_weight, by_bias


def _avg_pool2d_backward(cotangent, x, kernel, stride, padding, ceil_mode, count_include_pad, divisor):
    if ceil_mode or divisor is not None or (any(padding) and not count_include_pad):
        raise NotImplementedError("expected AvgPool2d without ceil_mode and divisor_override, padding counted or 0")
    stride = stride or kernel
    channels = x.shape[1]
    weight = cotangent.new_full([channels, 1, *kernel], 1.0 / (kernel[0] * kernel[1]))
    rest = _rest(cotangent, x, weight, stride, padding, [1, 1])
    return aten.convolution.default(cotangent, weight, None, stride, padding, [1, 1], True, rest, channels)


def _layer_norm(x, shape, weight, bias, epsilon):
    axes = list(range(-len(shape), 0))
    mean = x.mean(axes, keepdim=True)
    centred = x - mean
    scale = torch.rsqrt((centred * centred).mean(axes, keepdim=True) + epsilon)
    y = centred * scale
    y = y if weight is None else y * weight
    return (y if bias is None else y + bias), mean, scale


def _copy(x, dtype=None, **_):
    if dtype not in (None, x.dtype):
        raise NotImplementedError(f"the module turns {x.dtype} into {dtype}; expected one type throughout")
    return aten.mul.Tensor(x, 1)


def _decompositions():
    names = (
        "native_layer_norm_backward threshold_backward gelu_backward silu_backward tanh_backward "
        "sigmoid_backward elu_backward leaky_relu_backward hardswish_backward hardsigmoid_backward hardtanh_backward "
        "softplus_backward _softmax_backward_data _log_softmax_backward_data native_batch_norm "
        "native_batch_norm_backward native_group_norm native_group_norm_backward mse_loss_backward "
        "select_backward slice_backward embedding_dense_backward"
    ).split()
    table = dict(get_decompositions([getattr(aten, name) for name in names if hasattr(aten, name)]))
    table[aten.convolution_backward.default] = _convolution_backward
    table[aten.avg_pool2d_backward.default] = _avg_pool2d_backward
    table[aten._reshape_alias.default] = lambda x, size, stride: aten.view.default(x, size)
    table[aten.native_layer_norm.default] = _layer_norm
    table[aten._unsafe_view.default] = lambda x, size: aten.reshape.default(x, size)
    table[aten._to_copy.default] = _copy
    return table


class _Traced(nn.Module):
    """A graph that was traced, with the parameters of the module under the names that they have there."""

    def __init__(self, module, graph):
        super().__init__()
        for name, child in module.named_children():
            self.add_module(name, child)
        for name, parameter in module.named_parameters(recurse=False):
            self.register_parameter(name, parameter)
        self._graph = [graph]  # in a list, so that it is no child

    def forward(self, *inputs):
        return self._graph[0](list(dict(self.named_parameters()).values()), *inputs)


def _products(module, names):
    """f, (f, J v) and (f, J^T u) as functions of the parameters and the inputs."""

    def f(parameters, x):
        return functional_call(module, dict(zip(names, parameters)), (x,))

    def flat(tensors):
        return torch.cat([t.reshape(-1) for t in tensors])

    def unflat(vector, like):
        parts, offset = [], 0
        for t in like:
            parts.append(vector[offset : offset + t.numel()].reshape(t.shape))
            offset += t.numel()
        return parts

    def with_vjp(parameters, x, cotangent):
        value, pull = vjp(lambda p: f(p, x), parameters)
        return value, flat(pull(cotangent)[0])

    def with_jvp(parameters, x, tangent):
        value, pull = vjp(lambda p: f(p, x), parameters)
        _, push = vjp(lambda u: pull(u)[0], torch.zeros_like(value))
        return value, push(unflat(tangent, parameters))[0]

    return f, with_jvp, with_vjp


def _export(module, function, inputs, names, outputs, path):
    parameters = [p.detach() for p in module.parameters()]
    graph = make_fx(function, decomposition_table=_decompositions())(parameters, *inputs)
    options = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    temporary = path + ".tmp"
    torch.onnx.export(
        _Traced(module, graph).eval(),
        inputs,
        temporary,
        input_names=names,
        output_names=outputs,
        opset_version=OPSET,
        do_constant_folding=False,
        **options,
    )
    os.replace(temporary, path)


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def export_bundle(module, example, folder, input_name="x"):
    """Writes the bundle of a module in inference mode.

    module   its parameters are the weights; buffers (running means) are constants. It takes one float tensor and gives
             [n, k].
    example  a batch of inputs, [n, ...]; only its shape matters, and n is the batch size of the bundle
    folder   where the bundle is written; bundle.json is the last file
    """
    if module.training:
        raise ValueError("the module is in training mode; expected inference: call module.eval()")
    for parameter in module.parameters():
        parameter.requires_grad_(True)
    with torch.no_grad():
        output = module(example)
    if output.dim() != 2 or output.shape[0] != example.shape[0]:
        raise ValueError(
            f"the module's output has shape {list(output.shape)}; expected [{example.shape[0]}, k], "
            "a row for each example"
        )
    named = dict(module.named_parameters())
    count = sum(p.numel() for p in named.values())
    os.makedirs(folder, exist_ok=True)
    f, with_jvp, with_vjp = _products(module, list(named))
    tangent = torch.zeros(count, dtype=output.dtype)
    cotangent = torch.zeros_like(output)
    paths = [os.path.join(folder, name) for name in FILES]
    _export(module, f, (example,), [input_name], ["f"], paths[0])
    _export(module, with_jvp, (example, tangent), [input_name, "tangent"], ["f", "jv"], paths[1])
    _export(module, with_vjp, (example, cotangent), [input_name, "cotangent"], ["f", "vjp"], paths[2])

    kind = {torch.float32: "float", torch.float64: "double"}
    parameters, offset = [], 0
    for name, parameter in named.items():
        parameters.append({"name": name, "shape": list(parameter.shape), "offset": offset})
        offset += parameter.numel()
    manifest = {
        "format": "finite-ntk-bundle",
        "version": 1,
        "producer": "export_bundle.py, PyTorch " + torch.__version__,
        "opset": OPSET,
        "inputs": [{"name": input_name, "type": kind[example.dtype], "shape": list(example.shape)}],
        "output": {"name": "f", "type": kind[output.dtype], "shape": list(output.shape)},
        "outputSize": output.shape[1],
        "parameterCount": count,
        "parameters": parameters,
        "files": {name: {"sha256": _sha256(path)} for name, path in zip(FILES, paths)},
    }
    temporary = os.path.join(folder, "bundle.json.tmp")
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=2)
    os.replace(temporary, os.path.join(folder, "bundle.json"))


class _Block(nn.Module):
    """A network with LayerNorm and a residual connection."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 16)
        self.norm = nn.LayerNorm(16)
        self.second = nn.Linear(16, 16)
        self.head = nn.Linear(16, 2)

    def forward(self, x):
        hidden = self.first(x)
        hidden = hidden + torch.nn.functional.gelu(self.second(self.norm(hidden)))
        return self.head(hidden)


def examples():
    """The modules of the script's own examples, by name, each with a batch of inputs."""
    torch.manual_seed(1)
    mlp = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    cnn = nn.Sequential(
        nn.Conv2d(2, 4, 3, stride=2, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 8, 3, padding=1, groups=2),
        nn.Sigmoid(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(32, 3),
    )
    cnn[1].running_mean.uniform_(-1, 1)
    cnn[1].running_var.uniform_(0.5, 2)
    return {
        "mlp": (mlp.eval(), torch.zeros(8, 4)),
        "cnn": (cnn.eval(), torch.zeros(8, 2, 8, 8)),
        "layer-norm": (_Block().eval(), torch.zeros(8, 6)),
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: export_bundle.py FOLDER")
    for key, (network, batch) in examples().items():
        export_bundle(network, batch, os.path.join(sys.argv[1], key))
        print("wrote", os.path.join(sys.argv[1], key))
