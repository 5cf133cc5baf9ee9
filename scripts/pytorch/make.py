"""Trains two small encoders by PyTorch and writes each as a run's folder, with rows and their embeddings beside.

python3 scripts/pytorch/make.py test/golden/pytorch
"""
import json
import os
import sys

import numpy
import torch

import architecture
import embed
import safetensors_file

ENCODERS = {
    "table": {
        "input": {
            "shape": [5],
            "features": ["a", "b", "c", "d", "e"],
            "mean": [0.5, -1.0, 3.0, 0.0, 10.0],
            "scale": [1.0, 2.0, 0.5, 1.0, 4.0],
        },
        "architecture": [
            {"type": "Linear", "outFeatures": 12},
            {"type": "BatchNorm1d"},
            {"type": "GELU"},
            {
                "type": "Residual",
                "layers": [{"type": "Linear", "outFeatures": 12}, {"type": "LayerNorm"}, {"type": "LeakyReLU"}],
            },
            {"type": "Dropout", "p": 0.3},
            {"type": "Linear", "outFeatures": 4, "bias": False},
            {"type": "L2Normalize"},
        ],
    },
    "image": {
        "input": {"shape": [2, 8, 8], "mean": [0.4, 0.6], "scale": [0.25, 0.5]},
        "architecture": [
            {"type": "Conv2d", "outChannels": 4, "kernelSize": 3, "padding": 1},
            {"type": "BatchNorm2d"},
            {"type": "ReLU"},
            {"type": "MaxPool2d", "kernelSize": 2},
            {"type": "Conv2d", "outChannels": 6, "kernelSize": [3, 2], "stride": [2, 1], "bias": False},
            {"type": "Tanh"},
            {"type": "GlobalAvgPool2d"},
            {"type": "Linear", "outFeatures": 3},
        ],
    },
}

for name, config in ENCODERS.items():
    torch.manual_seed(0)
    module = architecture.build(config["architecture"], config["input"]["shape"])
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01)
    module.train()
    for _ in range(20):
        # Two noisy views of a row are close, others are not: weights and running statistics move away from their start.
        x = torch.randn(16, *config["input"]["shape"])
        a, b = (module(x + 0.1 * torch.randn_like(x)) for _ in range(2))
        loss = torch.nn.functional.cross_entropy(a @ b.T, torch.arange(16))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    module.eval()

    full = {
        "format": "contragrad-run",
        "version": 1,
        **config,
        "metric": "cosine",
        "settings": {"madeBy": embed.versions()},
    }
    generator = numpy.random.default_rng(1)
    spread = numpy.repeat(config["input"]["scale"], numpy.prod(config["input"]["shape"]) // len(config["input"]["scale"]))
    rows = (3 * generator.standard_normal((7, len(spread))) * spread).round(3).tolist()
    folder = f"{sys.argv[1]}/{name}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/config.json", "w") as file:
        json.dump(full, file)
    state = {key: value.numpy() for key, value in module.state_dict().items()}
    safetensors_file.write(f"{folder}/model.safetensors", state, {"format": "pt"})
    with open(f"{folder}/embeddings.json", "w") as file:
        json.dump({"versions": embed.versions(), "rows": rows, "embeddings": embed.embed(module, full, rows)}, file)
