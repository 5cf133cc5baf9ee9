"""Writes test/golden/modules.json: the names that PyTorch gives to what is shared, tied, or held in lists and dictionaries, the norm
of its gradients, and what AdamW makes of it in some steps, in float64.

`npm run golden -- modules` runs it, with a Python that has torch.
"""
import json
import platform

import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


class Siamese(nn.Sequential):
    def __init__(self):
        layer = nn.Linear(3, 3)
        super().__init__(layer, nn.Tanh(), layer)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(3, 3)
        self.decoder = nn.Linear(3, 3)
        self.decoder.weight = self.encoder.weight

    def forward(self, x):
        return self.decoder(torch.tanh(self.encoder(x)))


class Towers(nn.Module):
    def __init__(self):
        super().__init__()
        self.scales = nn.ParameterList([nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(()))])
        self.blocks = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])
        shared = nn.Sequential(nn.Linear(3, 3))
        self.heads = nn.ModuleDict({"left": shared, "right": shared})

    def forward(self, x):
        for block in self.blocks:
            x = torch.tanh(block(x))
        return self.heads["left"](x) * self.scales[0] + self.heads["right"](x.square()) * self.scales[1]


def numbers(tensors):
    return {name: {"shape": list(x.shape), "data": x.detach().flatten().tolist()} for name, x in tensors}


x = torch.randn(4, 3)
cases = {}
for kind in (Siamese, Tied, Towers):
    model = kind()
    before = numbers(model.state_dict().items())
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.05, weight_decay=0.3)
    norms = []
    for _ in range(6):
        loss = (model(x) - x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), 0.5).item())
        optimizer.step()
    cases[kind.__name__] = {
        "parameters": [name for name, _ in model.named_parameters()],
        "before": before,
        "norms": norms,
        "after": numbers(model.state_dict().items()),
    }

versions = {"torch": torch.__version__, "python": platform.python_version()}
print(json.dumps({"versions": versions, "x": x.tolist(), "cases": cases}))
