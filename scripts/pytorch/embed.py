"""Embeds rows by PyTorch with the weights of a run's folder, and writes JSON: versions and embeddings.

python3 scripts/pytorch/embed.py <run folder> < rows.json
"""
import json
import platform
import sys

import numpy
import torch

import architecture
import safetensors_file


def load(folder):
    """The module of a run's folder, and its configuration."""
    with open(f"{folder}/config.json") as file:
        config = json.load(file)
    arrays, _ = safetensors_file.read(f"{folder}/model.safetensors")
    module = architecture.build(config["architecture"], config["input"]["shape"])
    module.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in arrays.items()})
    return module.eval(), config


def embed(module, config, rows):
    """The embeddings of rows, which are standardised first."""
    given = config["input"]
    repeat = numpy.prod(given["shape"]) // len(given["mean"])
    mean, scale = (numpy.repeat(given[name], repeat) for name in ("mean", "scale"))
    standardised = (numpy.asarray(rows) - mean) / scale
    with torch.no_grad():
        x = torch.tensor(standardised, dtype=torch.float32).reshape(-1, *given["shape"])
        return module(x).tolist()


def versions():
    """What made the numbers."""
    return {"torch": torch.__version__, "numpy": numpy.__version__, "python": platform.python_version()}


if __name__ == "__main__":
    print(json.dumps({"versions": versions(), "embeddings": embed(*load(sys.argv[1]), json.load(sys.stdin))}))
