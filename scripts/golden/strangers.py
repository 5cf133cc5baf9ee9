"""Writes test/golden/strangers.json: five small programs as people write them in PyTorch, in float64, with 50 losses each.

Run it with a Python that has torch: python3 scripts/golden/strangers.py > test/golden/strangers.json

Each has its twin of the same name in test/programs/strangers.
"""
import json
import math
import platform

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
STEPS = 50
INTEGERS = (torch.int32, torch.int64)


def plain(tensors):
    return {
        name: {
            "shape": list(value.shape),
            "dtype": "int32" if value.dtype in INTEGERS else "float64",
            "data": value.detach().flatten().tolist(),
        }
        for name, value in tensors.items()
    }


def learn(module, data, step):
    before = plain(module.state_dict())
    losses = [step(k).item() for k in range(STEPS)]
    return {"data": plain(data), "state": before, "losses": losses, "after": plain(module.state_dict())}


def update(optimizer, loss, between=lambda: None):
    optimizer.zero_grad()
    loss.backward()
    between()
    optimizer.step()
    return loss


def moons():
    angle = torch.linspace(0, math.pi, 50)
    upper = torch.stack([angle.cos(), angle.sin()], 1)
    lower = torch.stack([1 - angle.cos(), 0.5 - angle.sin()], 1)
    points = torch.cat([upper, lower]) + 0.1 * torch.randn(100, 2)
    labels = torch.cat([torch.ones(50), -torch.ones(50)])
    module = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(module.parameters(), lr=1)

    def step(k):
        optimizer.param_groups[0]["lr"] = 1 - 0.9 * k / 100
        scores = module(points).squeeze(1)
        loss = F.relu(1 - labels * scores).mean() + 1e-4 * sum(p.square().sum() for p in module.parameters())
        return update(optimizer, loss)

    return learn(module, {"points": points, "labels": labels}, step)


class CLIP(nn.Module):
    def __init__(self):
        super().__init__()
        self.image = nn.Sequential(nn.Linear(6, 8), nn.GELU(), nn.Linear(8, 4))
        self.text = nn.Sequential(nn.Linear(5, 8), nn.GELU(), nn.Linear(8, 4))
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, images, texts):
        image, text = F.normalize(self.image(images), dim=-1), F.normalize(self.text(texts), dim=-1)
        return self.logit_scale.clamp(max=math.log(100)).exp() * image @ text.T


def clip():
    images, texts = torch.randn(8, 6), torch.randn(8, 5)
    module = CLIP()
    # Above the clamp: no gradient, until weight decay has brought it down.
    nn.init.constant_(module.logit_scale, 4.65)
    optimizer = torch.optim.AdamW(module.parameters(), lr=0.05, weight_decay=0.02)

    def step(_):
        scores = module(images, texts)
        places = torch.arange(len(scores))
        return update(optimizer, (F.cross_entropy(scores, places) + F.cross_entropy(scores.T, places)) / 2)

    return learn(module, {"images": images, "texts": texts}, step)


class MoCo(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4))
        self.key = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4))


def moco():
    rows = torch.randn(20, 6)
    first, second = rows + 0.1 * torch.randn(20, 6), rows + 0.1 * torch.randn(20, 6)
    queue = torch.randn(16, 4)
    module = MoCo()
    module.key.load_state_dict(module.query.state_dict())
    module.key.requires_grad_(False)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    negatives = F.normalize(queue, dim=1)

    def step(k):
        nonlocal negatives
        batch = slice(4 * (k % 5), 4 * (k % 5) + 4)
        with torch.no_grad():
            for slow, fast in zip(module.key.parameters(), module.query.parameters()):
                slow.mul_(0.9).add_(fast, alpha=1 - 0.9)
            key = F.normalize(module.key(second[batch]), dim=1)
        query = F.normalize(module.query(first[batch]), dim=1)
        scores = torch.cat([(query * key).sum(1, keepdim=True), query @ negatives.T], 1) / 0.2
        loss = update(optimizer, F.cross_entropy(scores, torch.zeros(4, dtype=torch.int64)))
        negatives = torch.cat([negatives[4:], key])
        return loss

    return learn(module, {"first": first, "second": second, "queue": queue}, step)


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(6, 3)
        self.bias = nn.Parameter(torch.zeros(6))

    def forward(self, x):
        code = self.encoder(x).tanh()
        return code, code @ self.encoder.weight + self.bias


def autoencoder():
    rows = torch.randn(16, 6)
    module = Autoencoder()
    optimizer = torch.optim.Adam(module.parameters(), lr=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)

    def step(k):
        x = rows[4 * (k % 4) : 4 * (k % 4) + 4]
        code, decoded = module(x)
        loss = (decoded - x).square().mean() + 0.01 * code.abs().mean()
        update(optimizer, loss, lambda: nn.utils.clip_grad_norm_(module.parameters(), 0.5))
        schedule.step()
        return loss

    return learn(module, {"rows": rows}, step)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.ModuleList([nn.Linear(6, 8), nn.Linear(8, 8)])
        self.norm = nn.BatchNorm1d(8)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        for layer in self.body:
            x = layer(x).tanh()
        return self.head(self.norm(x))


def unfreezing():
    rows, labels = torch.randn(12, 6), torch.arange(12) % 3
    module = Classifier()
    module.body.requires_grad_(False)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01)

    def step(k):
        if k in (20, 35):
            module.body[1 if k == 20 else 0].requires_grad_(True)
        return update(optimizer, F.cross_entropy(module(rows), labels))

    return learn(module, {"rows": rows, "labels": labels}, step)


torch.manual_seed(0)
programs = {program.__name__: program() for program in (moons, clip, moco, autoencoder, unfreezing)}
versions = {"torch": torch.__version__, "python": platform.python_version()}
print(json.dumps({"versions": versions, **programs}))
