"""Writes test/golden/layers.json: what PyTorch's layers compute, in float64, and the state that they hold.

`npm run golden -- layers` runs it, with a Python that has torch.

Each case has the layers as data, a state by PyTorch's own names, and some calls one after another, each with its mode, its
input and its result; after each, gradients of the input and of every parameter where the result's gradient is cos(1 + i) at its
element i; at last the state.
"""
import json
import math
import platform

import torch
from torch import nn

torch.manual_seed(0)
cases = []


class GlobalAvgPool2d(nn.Module):
    def forward(self, x):
        return x.mean(dim=(2, 3))


class L2Normalize(nn.Module):
    def forward(self, x):
        return nn.functional.normalize(x, dim=-1)


def plain(x):
    return {"shape": list(x.shape), "data": x.detach().flatten().tolist()}


def state_of(module):
    return {name: plain(value) for name, value in module.state_dict().items()}


def case(config, module, *calls):
    """Each call is a mode and an input."""
    model = nn.Sequential(*module).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.rand_like(parameter) * 2 - 1)
    before = state_of(model)
    results = []
    for mode, x in calls:
        model.train(mode == "train")
        leaf = x.clone().requires_grad_()
        out = model(leaf)
        seed = torch.cos(1 + torch.arange(out.numel(), dtype=torch.float64)).reshape(out.shape)
        parameters = dict(model.named_parameters())
        gradients = torch.autograd.grad(out, [leaf, *parameters.values()], seed)
        results.append(
            {
                "mode": mode,
                "input": plain(x),
                "output": plain(out),
                "gradients": {name: plain(g) for name, g in zip(["", *parameters], gradients)},
            }
        )
    cases.append(
        {"input": list(calls[0][1].shape[1:]), "layers": config, "before": before, "calls": results, "after": state_of(model)}
    )


def rows(*shape):
    return torch.randn(*shape, dtype=torch.float64)


case([{"type": "Linear", "outFeatures": 3}], [nn.Linear(4, 3)], ("train", rows(5, 4)))
case([{"type": "Linear", "outFeatures": 3, "bias": False}], [nn.Linear(4, 3, bias=False)], ("train", rows(2, 4)))
for channels, options, torch_options, shape in (
    (3, {"kernelSize": 3}, {"kernel_size": 3}, (2, 2, 5, 4)),
    (2, {"kernelSize": 3, "padding": 1}, {"kernel_size": 3, "padding": 1}, (2, 3, 4, 4)),
    (2, {"kernelSize": 3, "stride": 2, "padding": 1}, {"kernel_size": 3, "stride": 2, "padding": 1}, (2, 2, 6, 7)),
    (
        3,
        {"kernelSize": [2, 3], "stride": [1, 2], "padding": [0, 2], "bias": False},
        {"kernel_size": (2, 3), "stride": (1, 2), "padding": (0, 2), "bias": False},
        (3, 1, 4, 5),
    ),
    (4, {"kernelSize": 1}, {"kernel_size": 1}, (2, 3, 3, 2)),
    (2, {"kernelSize": 2, "stride": 3}, {"kernel_size": 2, "stride": 3}, (1, 1, 7, 8)),
):
    case(
        [{"type": "Conv2d", "outChannels": channels, **options}],
        [nn.Conv2d(shape[1], channels, **torch_options)],
        ("train", rows(*shape)),
    )
# Small whole numbers tie; all below 0, so that a padding of zeros would win.
ties = -torch.randint(1, 4, (2, 2, 5, 6)).double()
for options, torch_options in (
    ({"kernelSize": 2}, {"kernel_size": 2}),
    ({"kernelSize": 3, "stride": 2, "padding": 1}, {"kernel_size": 3, "stride": 2, "padding": 1}),
    ({"kernelSize": [2, 3], "stride": [1, 2]}, {"kernel_size": (2, 3), "stride": (1, 2)}),
):
    case(
        [{"type": "MaxPool2d", **options}],
        [nn.MaxPool2d(**torch_options)],
        ("train", rows(2, 2, 5, 6)),
        ("train", ties),
    )
case([{"type": "GlobalAvgPool2d"}], [GlobalAvgPool2d()], ("train", rows(2, 3, 4, 2)))
for norm, options, torch_options, shape in (
    ("BatchNorm1d", {}, {}, (6, 3)),
    ("BatchNorm1d", {"eps": 0.01, "momentum": 0.3}, {"eps": 0.01, "momentum": 0.3}, (4, 2, 3)),
    ("BatchNorm2d", {}, {}, (3, 2, 3, 2)),
):
    case(
        [{"type": norm, **options}],
        [getattr(nn, norm)(shape[1], **torch_options)],
        ("train", rows(*shape)),
        ("train", rows(*shape) * 3 + 1),
        ("eval", rows(*shape)),
    )
case([{"type": "LayerNorm"}], [nn.LayerNorm(5)], ("train", rows(3, 5)))
case([{"type": "LayerNorm", "eps": 0.1}], [nn.LayerNorm([2, 3, 2], eps=0.1)], ("train", rows(3, 2, 3, 2)))
case([{"type": "L2Normalize"}], [L2Normalize()], ("train", rows(3, 4)))
case([{"type": "Flatten"}], [nn.Flatten()], ("train", rows(2, 2, 3, 2)))
case([{"type": "Dropout", "p": 0.3}], [nn.Dropout(0.3)], ("eval", rows(2, 3)))
for name in ("ReLU", "GELU", "Sigmoid", "Tanh", "Softplus"):
    case([{"type": name}], [getattr(nn, name)()], ("train", rows(2, 5)))
case([{"type": "LeakyReLU", "slope": 0.2}], [nn.LeakyReLU(0.2)], ("train", rows(2, 5)))
# A whole encoder, twice in training, then evaluated: names and numbers of all its state.
case(
    [
        {"type": "Conv2d", "outChannels": 4, "kernelSize": 3, "padding": 1},
        {"type": "BatchNorm2d"},
        {"type": "ReLU"},
        {"type": "MaxPool2d", "kernelSize": 2},
        {"type": "Conv2d", "outChannels": 3, "kernelSize": 2},
        {"type": "Tanh"},
        {"type": "Flatten"},
        {"type": "Linear", "outFeatures": 6},
        {"type": "BatchNorm1d"},
        {"type": "GELU"},
        {"type": "Linear", "outFeatures": 2, "bias": False},
        {"type": "L2Normalize"},
    ],
    [
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 3, 2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(12, 6),
        nn.BatchNorm1d(6),
        nn.GELU(),
        nn.Linear(6, 2, bias=False),
        L2Normalize(),
    ],
    ("train", rows(5, 1, 6, 6)),
    ("train", rows(5, 1, 6, 6)),
    ("eval", rows(5, 1, 6, 6)),
)

assert all(math.isfinite(v) for c in cases for call in c["calls"] for v in call["output"]["data"])
versions = {"torch": torch.__version__, "python": platform.python_version()}
print(json.dumps({"versions": versions, "cases": cases}))
