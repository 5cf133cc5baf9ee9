"""Writes test/golden/conventions.json: what the libraries that conventions are named after make of batches, in float64.

Run it with a Python that has torch, pytorch_metric_learning and sentence_transformers:
python3 scripts/golden/conventions.py > test/golden/conventions.json

The labels are those that lists of triplets trip over: classes of one row, only such, a single class, a single row.
"""
import json
import platform
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")

import torch
from pytorch_metric_learning import losses as metric_learning
from sentence_transformers import losses as sentence_transformers

LABELS = [
    [0, 0, 1],
    [0, 0, 1, 1],
    [0, 1, 0, 2, 1, 0, 1],
    [3, 0, 0, 0, 1, 2],
    [0, 0, 1, 1, 2, 2, 3, 4],
    [0, 1, 2, 3],
    [1, 1, 1, 1],
    [5],
]


def sentences(loss):
    """A loss of sentence_transformers takes a model; this one says that rows are their own embeddings."""
    return loss(model=lambda rows: {"sentence_embedding": rows})


BATCHES = {
    ("triplet", "sentenceTransformersHard"): lambda z, y: sentences(
        sentence_transformers.BatchHardTripletLoss
    ).compute_loss_from_embeddings([z], y),
    ("triplet", "sentenceTransformers"): lambda z, y: sentences(
        sentence_transformers.BatchAllTripletLoss
    ).compute_loss_from_embeddings([z], y),
    ("triplet", "metricLearning"): lambda z, y: metric_learning.TripletMarginLoss()(z, y),
    ("contrastive", "metricLearning"): lambda z, y: metric_learning.ContrastiveLoss()(z, y),
}
PAIRS = {
    ("contrastive", "sentenceTransformers"): lambda a, b, y: sentences(
        sentence_transformers.ContrastiveLoss
    ).compute_loss_from_embeddings([a, b], y),
}
TRIPLETS = {("triplet", "torch"): torch.nn.TripletMarginLoss()}


def of(convention, function, inputs, labels=None):
    leaves = [x.clone().requires_grad_() for x in inputs]
    value = function(*leaves, *([] if labels is None else [torch.tensor(labels)]))
    gradients = torch.autograd.grad(value, leaves, allow_unused=True) if value.requires_grad else [None] * len(leaves)
    return {
        "convention": list(convention),
        "inputs": [x.tolist() for x in inputs],
        "labels": labels,
        "value": value.item(),
        "gradients": [(torch.zeros_like(x) if g is None else g).tolist() for x, g in zip(inputs, gradients)],
    }


def rows(count, scale=1.0):
    return torch.randn(count, 3, dtype=torch.float64) * scale


torch.manual_seed(0)
cases = [of(("triplet", "sentenceTransformersHard"), BATCHES["triplet", "sentenceTransformersHard"],
            [torch.tensor([[0.0, 0], [1, 0], [3, 0]], dtype=torch.float64)], [0, 0, 1])]
# Rows close together, and further apart than any margin.
for scale in (1.0, 6.0):
    for labels in LABELS:
        z = rows(len(labels), scale)
        cases += [of(name, loss, [z], labels) for name, loss in BATCHES.items()]
cases += [of(name, loss, [rows(5), rows(5)], [1, 0, 0, 1, 0]) for name, loss in PAIRS.items()]
cases += [of(name, loss, [rows(5), rows(5), rows(5)]) for name, loss in TRIPLETS.items()]

names = ("torch", "pytorch_metric_learning", "sentence_transformers")
print(json.dumps({"python": platform.python_version(), **{name: version(name) for name in names}, "cases": cases}))
