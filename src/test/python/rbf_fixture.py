"""A Gaussian process with an RBF kernel in float64, by numpy and scipy alone, for RbfGaussianProcessTest.

    python3 src/test/python/rbf_fixture.py src/test/resources/org/finitentk/regression/rbf.json

Rows have weights, the constant mean is that of generalized least squares, and its uncertainty is in the variances. The last entry is the best that scipy's L-BFGS-B finds from 20
starts for the likelihood times the log-normal prior of the length scales (median 1, spread 1, as a density of their logarithms).
"""
import json
import sys

import numpy as np
from scipy.optimize import minimize

rng = np.random.default_rng(7)
n, d, m = 40, 3, 7
x = rng.uniform(-1, 1, (n, d)) * [1, 30, 0.2] + [5, 0, -1]
z = rng.uniform(-1.3, 1.3, (m, d)) * [1, 30, 0.2] + [5, 0, -1]
y = 100 + 3 * np.sin(2 * x[:, 0]) + 0.05 * x[:, 1] + 0.2 * rng.standard_normal(n)
w = rng.uniform(0.5, 1.5, n)
w /= w.mean()


def parts(logs, x, y, w):
    l, s, noise = np.exp(logs[:-2]), np.exp(logs[-2]), np.exp(logs[-1])
    squares = ((x[:, None, :] - x[None, :, :]) / l) ** 2
    k = s * np.exp(-0.5 * squares.sum(-1))
    cov = k + np.diag(noise / w)
    inverse = np.linalg.inv(cov)
    one = np.ones(len(y))
    c = 1 / (one @ inverse @ one)
    beta = c * (one @ inverse @ y)
    r = y - beta
    alpha = inverse @ r
    lml = -0.5 * (r @ alpha + np.linalg.slogdet(cov)[1] + len(y) * np.log(2 * np.pi))
    a = np.outer(alpha, alpha) - inverse
    gradient = [0.5 * (a * k * squares[:, :, i]).sum() for i in range(x.shape[1])]
    gradient += [0.5 * (a * k).sum(), 0.5 * (np.diag(a) * noise / w).sum()]
    return l, s, noise, inverse, one, c, beta, alpha, lml, np.array(gradient)


mean, deviation = x.mean(0), x.std(0)
xs, zs = (x - mean) / deviation, (z - mean) / deviation
logs = np.log([0.8, 2.5, 6, 9, 0.07])
l, s, noise, inverse, one, c, beta, alpha, lml, gradient = parts(logs, xs, y, w)
cross = s * np.exp(-0.5 * (((xs[:, None, :] - zs[None, :, :]) / l) ** 2).sum(-1))
left = 1 - one @ inverse @ cross
latent = s - (cross * (inverse @ cross)).sum(0) + c * left**2
q = inverse - c * np.outer(inverse @ one, inverse @ one)
loo_variance = 1 / np.diag(q)
loo_residual = alpha / np.diag(q)


def objective(logs):
    *_, lml, gradient = parts(logs, xs, y, w)
    prior = np.concatenate([logs[:-2], [0, 0]])
    return -lml + 0.5 * (prior**2).sum(), prior - gradient


best = min(
    (minimize(objective, np.concatenate([rng.standard_normal(d), np.log(y.var()) + rng.standard_normal(2) - [0, 3]]), jac=True, method="L-BFGS-B",
              options={"ftol": 1e-14, "gtol": 1e-8}) for _ in range(20)),
    key=lambda found: found.fun)

fixture = dict(
    x=x.ravel(), z=z.ravel(), y=y, weights=w, lengthScales=l, signal=[s], noise=[noise], lml=[lml], gradient=gradient, constant=[beta],
    mean=beta + cross.T @ alpha, latent=latent, looMean=y - loo_residual, looVariance=loo_variance,
    looLogDensity=-0.5 * (loo_residual**2 / loo_variance + np.log(2 * np.pi * loo_variance)), bestObjective=[best.fun], bestLogs=best.x)
with open(sys.argv[1], "w") as f:
    json.dump({key: list(map(float, value)) for key, value in fixture.items()}, f, indent=1)
