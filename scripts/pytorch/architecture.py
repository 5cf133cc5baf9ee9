"""PyTorch modules out of the list of layers in a run's config.json."""
import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, body, projection):
        super().__init__()
        self.body = body
        self.projection = projection

    def forward(self, x):
        return (x if self.projection is None else self.projection(x)) + self.body(x)


class GlobalAvgPool2d(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


class L2Normalize(nn.Module):
    def __init__(self, eps):
        super().__init__()
        self.eps = eps

    def forward(self, x):
        return nn.functional.normalize(x, dim=-1, eps=self.eps)


def layer(config, shape):
    """One layer, for rows of a shape."""
    kind = config["type"]
    window = {key: config[name] for key, name in (("stride", "stride"), ("padding", "padding")) if name in config}
    if kind == "Linear":
        return nn.Linear(shape[0], config["outFeatures"], bias=config.get("bias", True))
    if kind == "Conv2d":
        bias = config.get("bias", True)
        return nn.Conv2d(shape[0], config["outChannels"], config["kernelSize"], bias=bias, **window)
    if kind == "MaxPool2d":
        return nn.MaxPool2d(config["kernelSize"], **window)
    if kind in ("BatchNorm1d", "BatchNorm2d"):
        return getattr(nn, kind)(shape[0], eps=config.get("eps", 1e-5), momentum=config.get("momentum", 0.1))
    if kind == "LayerNorm":
        return nn.LayerNorm(shape, eps=config.get("eps", 1e-5))
    if kind == "L2Normalize":
        return L2Normalize(config.get("eps", 1e-12))
    if kind == "Dropout":
        return nn.Dropout(config.get("p", 0.5))
    if kind == "LeakyReLU":
        return nn.LeakyReLU(config.get("slope", 0.01))
    if kind == "GlobalAvgPool2d":
        return GlobalAvgPool2d()
    if kind == "Residual":
        projection = config.get("projection")
        return Residual(build(config["layers"], shape), None if projection is None else build(projection, shape))
    return getattr(nn, kind)()


def build(layers, shape):
    """All layers one after another; what follows from the input is found by sending zeros through."""
    modules = []
    x = torch.zeros(1, *shape)
    for config in layers:
        module = layer(config, list(x.shape[1:])).eval()
        with torch.no_grad():
            x = module(x)
        modules.append(module)
    return nn.Sequential(*modules)
