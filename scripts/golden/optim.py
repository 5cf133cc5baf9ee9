"""Writes test/golden/optim.json: what PyTorch's optimizers do to one parameter under given gradients.

Run it with a Python that has torch: python3 scripts/golden/optim.py > test/golden/optim.json
"""
import json
import platform

import torch

CASES = [
    ("SGD", torch.optim.SGD, {"lr": 0.1}),
    ("SGD", torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.3}),
    ("SGD", torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
    ("SGD", torch.optim.SGD, {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    ("Adam", torch.optim.Adam, {"lr": 0.01}),
    ("Adam", torch.optim.Adam, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.2}),
    ("AdamW", torch.optim.AdamW, {"lr": 0.01}),
    ("AdamW", torch.optim.AdamW, {"lr": 0.03, "betas": (0.7, 0.9), "weight_decay": 0.4}),
]
CAMEL = {"weight_decay": "weightDecay"}

torch.manual_seed(0)
start = torch.randn(2, 3, dtype=torch.float64)
gradients = torch.randn(12, 2, 3, dtype=torch.float64)

cases = []
for name, optimizer, options in CASES:
    parameter = torch.nn.Parameter(start.clone())
    optimizer = optimizer([parameter], **options)
    after = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
        after.append(parameter.detach().tolist())
    cases.append({"optimizer": name, "options": {CAMEL.get(k, k): v for k, v in options.items()}, "after": after})

versions = {"torch": torch.__version__, "python": platform.python_version()}
print(json.dumps({"versions": versions, "start": start.tolist(), "gradients": gradients.tolist(), "cases": cases}))
