#!/usr/bin/env python3
"""Jacobian products and a conjugate-gradient solve with torch.func, the peer of org.finitentk.benchmark.DeviceBenchmark.

    torch_products.py DEVICE [MODEL N]...

The networks of the CPU's peer (mlp 5-200-2000-200-1 with ELU; resnet14, 16 channels, batch normalization in inference mode; encoder of two layers) and wide,
784-5000-4000-500-10 with ReLU; random weights, float32 without TF32. Prints median seconds of forward, vjp, jvp (each with its own forward pass), J(J'u) with the results
left on the device, and 50 iterations of conjugate gradients for (J J' + 0.69 I) x = b, all on the device.
"""
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.func import functional_call, jvp, vjp

ITERATIONS, NOISE = 50, 0.69


class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.a = nn.Sequential(nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after))
        self.b = nn.Sequential(nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after))
        same = stride == 1 and before == after
        self.short = nn.Identity() if same else nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        return F.relu(self.b(F.relu(self.a(x))) + self.short(x))


class Mean(nn.Module):
    def __init__(self, *axes):
        super().__init__()
        self.axes = axes

    def forward(self, x):
        return x.mean(self.axes)


class Layer(nn.Module):
    def __init__(self, width=128, heads=4, inner=512):
        super().__init__()
        self.heads, self.width = heads, width
        self.norm1, self.qkv, self.out = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.norm2, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, inner), nn.Linear(inner, width)

    def attention(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-1, -2) / (d // self.heads) ** 0.5, -1)
        return self.out((weights @ v).transpose(1, 2).reshape(n, t, d))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


def network(name):
    if name == "mlp":
        return nn.Sequential(nn.Linear(5, 200), nn.ELU(), nn.Linear(200, 2000), nn.ELU(), nn.Linear(2000, 200), nn.ELU(), nn.Linear(200, 1)), (5,)
    if name == "wide":
        return nn.Sequential(nn.Linear(784, 5000), nn.ReLU(), nn.Linear(5000, 4000), nn.ReLU(), nn.Linear(4000, 500), nn.ReLU(), nn.Linear(500, 10)), (784,)
    if name == "resnet14":
        blocks = [Block(16, 16, 1), Block(16, 16, 1), Block(16, 32, 2), Block(32, 32, 1), Block(32, 64, 2), Block(64, 64, 1)]
        return nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), *blocks, Mean(2, 3), nn.Linear(64, 10)), (3, 32, 32)
    return nn.Sequential(Layer(), Layer(), Mean(1), nn.Linear(128, 10)), (32, 128)


def main():
    device = torch.device(sys.argv[1])
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.manual_seed(0)
    print(torch.__version__, torch.cuda.get_device_name(0) if device.type == "cuda" else "cpu")
    for name, n in zip(sys.argv[2::2], map(int, sys.argv[3::2])):
        net, shape = network(name)
        net = net.eval().to(device)
        theta = {key: value.detach() for key, value in net.named_parameters()}
        buffers = dict(net.named_buffers())
        x = torch.randn(n, *shape, device=device)
        f = lambda p: functional_call(net, (p, buffers), (x,))
        v = {key: torch.randn_like(value) for key, value in theta.items()}
        u = torch.randn(n, 10 if name != "mlp" else 1, device=device)

        def product(w):
            return jvp(f, (theta,), (vjp(f, theta)[1](w)[0],))[1]

        def solve():
            x0, r, p = torch.zeros_like(u), u.clone(), u.clone()
            rz = (r * r).sum()
            for _ in range(ITERATIONS):
                ap = product(p) + NOISE * p
                step = rz / (p * ap).sum()
                x0, r = x0 + step * p, r - step * ap
                now = (r * r).sum()
                p, rz = r + now / rz * p, now
            return x0

        def median(run, repeats=9):
            seconds = []
            for _ in range(repeats + 2):
                start = time.perf_counter()
                run()
                if device.type == "cuda":
                    torch.cuda.synchronize()
                seconds.append(time.perf_counter() - start)
            return statistics.median(seconds[2:])

        with torch.no_grad():
            forward = median(lambda: f(theta))
            rows = [("forward", forward), ("vjp", median(lambda: vjp(f, theta)[1](u))), ("jvp", median(lambda: jvp(f, (theta,), (v,)))),
                    ("J(J'u)", median(lambda: product(u))), (f"{ITERATIONS} iterations", median(solve, 3))]
        for what, seconds in rows:
            print(f"torch.func {name} n={n} {what:40s} {seconds:9.5f} s")


main()
