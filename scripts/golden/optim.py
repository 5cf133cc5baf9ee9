"""Writes test/golden/optim.json: what PyTorch's optimizers do to one parameter under given gradients, and to three that are frozen at
times; how it clips gradients, and how its schedules change the learning rate.

`npm run golden -- optim` runs it, with a Python that has torch.
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

# In which steps each of three parameters has a gradient: one joins late, one pauses.
HAVE = [[True] * 12, [step >= 7 for step in range(12)], [step % 4 == 0 for step in range(12)]]

joins = []
for name, optimizer, options in CASES:
    parameters = [torch.nn.Parameter(start.clone()) for _ in HAVE]
    optimizer = optimizer(parameters, **options)
    after = []
    for step, gradient in enumerate(gradients):
        for parameter, have in zip(parameters, HAVE):
            parameter.grad = gradient.clone() if have[step] else None
        optimizer.step()
        after.append([parameter.detach().tolist() for parameter in parameters])
    joins.append({"optimizer": name, "options": {CAMEL.get(k, k): v for k, v in options.items()}, "after": after})

clips = []
for kind, clip, bounds in (
    ("clipGradNorm", torch.nn.utils.clip_grad_norm_, (0.5, 3.0, 100.0)),
    ("clipGradValue", torch.nn.utils.clip_grad_value_, (0.2, 100.0)),
):
    for bound in bounds:
        parameters = [torch.nn.Parameter(start.clone()) for _ in range(3)]
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient.clone()
        # A parameter without a gradient does not count.
        norm = clip([*parameters, torch.nn.Parameter(start.clone())], bound)
        clips.append(
            {
                "function": kind,
                "bound": bound,
                "norm": None if norm is None else norm.item(),
                "after": [parameter.grad.tolist() for parameter in parameters],
            }
        )

schedules = []
for name, options in (
    ("StepLR", {"stepSize": 3, "gamma": 0.5}),
    ("StepLR", {"stepSize": 2}),
    ("CosineAnnealingLR", {"tMax": 7, "minimum": 0.01}),
    ("CosineAnnealingLR", {"tMax": 5}),
):
    torch_names = {"stepSize": "step_size", "gamma": "gamma", "tMax": "T_max", "minimum": "eta_min"}
    optimizer = torch.optim.SGD([torch.nn.Parameter(start.clone())], lr=0.3)
    schedule = getattr(torch.optim.lr_scheduler, name)(optimizer, **{torch_names[k]: v for k, v in options.items()})
    rates = []
    for _ in range(12):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    schedules.append({"schedule": name, "options": options, "rates": rates})

versions = {"torch": torch.__version__, "python": platform.python_version()}
print(json.dumps({"versions": versions, "start": start.tolist(), "gradients": gradients.tolist(), "cases": cases, "have": HAVE, "joins": joins, "clips": clips, "schedules": schedules}))
