"""Writes test/golden/programs.json: random training programs, and what PyTorch makes of them in float64.

`npm run golden -- programs` runs it, with a Python that has torch.

The programs are those of test/programs/arbitrary.ts; test/programs/program.ts says what each part means, and this file runs
them as it would be written in PyTorch: modules in a ModuleList, torch's own optimizers, schedules, clipping and state.
"""
import copy
import json
import platform
import sys
import warnings

import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore", message=".*lr_scheduler.step.*")
torch.set_default_dtype(torch.float64)

HELD = {
    "a": ("matrix", False),
    "b": ("matrix", False),
    "p": ("matrix", True),
    "r": ("row", False),
    "s": ("row", True),
    "labels": ("labels", False),
    "others": ("labels", False),
    "temperature": ("scalar", True),
}
OPTIONS = {"weightDecay": "weight_decay"}
AVERAGES = {"running_mean": "runningMean", "running_var": "runningVariance", "num_batches_tracked": "batches"}


def draw(seed, count):
    state = (seed + 1) * 16807 % 2147483647
    numbers = []
    for _ in range(count):
        state = state * 48271 % 2147483647
        numbers.append(2 * state / 2147483647 - 1)
    return numbers


class Transposed(nn.Module):
    def __init__(self, of):
        super().__init__()
        self.of = of

    def forward(self, x):
        return x @ self.of.weight


class Model(nn.Module):
    def __init__(self, encoders):
        super().__init__()
        self.encoders = nn.ModuleList(encoders)


class Running:
    def __init__(self, program):
        self.program = program
        self.leaves = {}
        self.results = {}
        self.model = self.build()
        for name in program["frozen"]:
            self.leaves[name].requires_grad_(False)
        self.trained = []
        self.optimizers = []
        self.schedules = []
        for wanted in program["optimizers"]:
            module = self.model if wanted["encoder"] is None else self.model.encoders[wanted["encoder"]]
            trained = [*module.parameters(), *(self.leaves[name] for name in wanted["leaves"])]
            options = {OPTIONS.get(name, name): value for name, value in wanted["options"].items()}
            optimizer = getattr(torch.optim, wanted["kind"])(trained, **options)
            self.trained.append(trained)
            self.optimizers.append(optimizer)
            self.schedules.append(schedule_of(optimizer, wanted["schedule"]))
        self.kept = {}
        self.keep("model")
        self.keep("optimizers")

    def build(self):
        program = self.program
        size = program["size"]
        linear = [nn.Linear(size, size, bias=bias) for bias in program["layers"]]
        normal = [{"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}[kind](size) for kind in program["norms"]]
        self.linear, self.normal = linear, normal
        for prefix, layers in (("layer", linear), ("norm", normal)):
            for i, layer in enumerate(layers):
                for name, leaf in [*layer.named_parameters(), *layer.named_buffers()]:
                    self.leaves[f"{prefix}{i}.{AVERAGES.get(name, name)}"] = leaf
        for name, (kind, trained) in HELD.items():
            leaf = torch.tensor(-0.5) if kind == "scalar" else self.numbers(program["seeds"][name], kind)
            self.leaves[name] = leaf.requires_grad_() if trained else leaf
        for name, seed in program["seeds"].items():
            if "." in name:
                leaf = self.leaves[name]
                leaf.data.copy_(self.numbers(seed, "matrix" if leaf.dim() == 2 else "row"))

        def module_of(part):
            [(kind, which)] = part.items()
            if kind == "activation":
                return getattr(nn, which)()
            return {"layer": lambda: linear[which], "transposed": lambda: Transposed(linear[which]), "norm": lambda: normal[which]}[kind]()

        return Model(nn.Sequential(*(module_of(part) for part in parts)) for parts in program["encoders"])

    def numbers(self, seed, kind):
        size = self.program["size"]
        if kind == "labels":
            return torch.tensor([int((value + 1) / 2 * size) for value in draw(seed, size)])
        values = torch.tensor(draw(seed, size * size if kind == "matrix" else size))
        return values.reshape(size, size) if kind == "matrix" else values

    def keep(self, what):
        if what == "model":
            self.kept[what] = copy.deepcopy(self.model.state_dict())
        else:
            parts = [*self.optimizers, *(schedule for schedule in self.schedules if schedule)]
            self.kept[what] = [(part, copy.deepcopy(part.state_dict())) for part in parts]

    def go_back(self, what):
        if what == "model":
            self.model.load_state_dict(self.kept[what])
        else:
            for part, state in self.kept[what]:
                part.load_state_dict(copy.deepcopy(state))

    def run(self):
        for at, happening in enumerate(self.program["happenings"]):
            self.happen(happening, str(at))
        for name, leaf in self.leaves.items():
            self.note(f"end {name}", leaf)
            self.note(f"end {name}.grad", leaf.grad)
        for i, optimizer in enumerate(self.optimizers):
            self.results[f"end lr {i}"] = [optimizer.param_groups[0]["lr"]]
        return self.results

    def note(self, name, values):
        # Twelve digits: three more than are compared.
        self.results[name] = None if values is None else [float(f"{value:.12g}") for value in values.detach().flatten().tolist()]

    def happen(self, happening, at):
        what = happening["do"]
        if what == "call":
            self.call(happening, at)
        elif what in ("freeze", "unfreeze"):
            self.leaves[happening["leaf"]].requires_grad_(what == "unfreeze")
        elif what == "lr":
            for group in self.optimizers[happening["optimizer"]].param_groups:
                group["lr"] = happening["value"]
        elif what == "schedule":
            self.schedules[happening["optimizer"]].step()
        elif what == "zeroGrad":
            self.optimizers[happening["optimizer"]].zero_grad()
        elif what == "step":
            self.optimizers[happening["optimizer"]].step()
        elif what == "save":
            self.keep(happening["what"])
        elif what == "load":
            self.go_back(happening["what"])
        elif what == "assign":
            source = happening["from"]
            values = self.leaves[source["leaf"]] if "leaf" in source else self.numbers(source["fresh"], "matrix")
            self.leaves[happening["leaf"]].data.copy_(values.detach().clone())
        elif what == "replace":
            layer = self.linear[happening["layer"]]
            layer.weight = nn.Parameter(self.numbers(happening["fresh"], "matrix"))
            self.leaves[f"layer{happening['layer']}.weight"] = layer.weight
        elif what == "momentum":
            self.normal[happening["norm"]].momentum = happening["value"]
        elif what in ("train", "eval"):
            self.model.train(what == "train")

    def call(self, call, at):
        step = self.program["steps"][call["step"]]
        values = []
        for given, kind in zip(call["given"], step["takes"]):
            [(source, which)] = given.items()
            if source == "leaf":
                values.append(self.leaves[which])
            elif source == "twin":
                values.append(self.leaves[which].detach().clone())
            elif source == "same":
                values.append(values[which])
            else:
                values.append(self.numbers(which, kind).requires_grad_(source == "trained"))
        if call["fails"] is not None:
            # A step that throws changes nothing.
            self.results[f"{at} threw"] = []
        else:
            with torch.set_grad_enabled(not step["evaluates"]):
                for i, result in enumerate(self.body(step, values)):
                    self.note(f"{at} result {i}", result)
        for i, given in enumerate(call["given"]):
            if "trained" in given:
                self.note(f"{at} argument {i}.grad", values[i].grad)

    def body(self, step, values):
        results = []
        for statement in step["body"]:
            what = statement["do"]
            if what == "loss":
                loss = sum(self.term(term, values) for term in statement["terms"])
                results.append(loss)
            elif what == "backward":
                if loss.requires_grad:
                    loss.backward()
            elif what == "zeroGrad":
                self.optimizers[statement["optimizer"]].zero_grad()
            elif what == "step":
                self.optimizers[statement["optimizer"]].step()
            elif what == "clip":
                nn.utils.clip_grad_norm_(self.trained[statement["optimizer"]], statement["most"])
            elif what == "average":
                into, share = self.leaves[statement["into"]], statement["share"]
                values_of = self.read(statement["from"], values).detach()
                into.data.copy_(into.detach() * (1 - share) + values_of * share)
            elif what == "give":
                leaf = self.leaves[statement["leaf"]]
                source = leaf.grad if statement["what"] == "gradient" and leaf.grad is not None else leaf
                results.append(source.detach().clone())
        return results

    def read(self, operand, values):
        leaf = self.leaves[operand["leaf"]] if "leaf" in operand else values[operand["argument"]]
        # PyTorch refuses what was written to after it was read: running averages within one loss.
        return leaf if leaf.requires_grad else leaf.clone()

    def term(self, term, values):
        def read(name):
            return self.read(term[name], values)

        def encode(encoder, name):
            return self.model.encoders[encoder](read(name))

        kind = term["term"]
        if kind == "match":
            return (encode(term["encoder"], "x") - read("to")).square().log1p().mean()
        if kind == "product":
            return (read("x") * read("y")).mean()
        if kind == "shift":
            return F.softplus(read("x") + read("row")).mean()
        if kind == "pick":
            return encode(term["encoder"], "x").gather(1, read("labels")[:, None]).tanh().mean()
        if kind == "infoNCE":
            query, key = encode(term["encoders"][0], "x"), encode(term["encoders"][1], "y")
            temperature = self.leaves["temperature"].tanh().exp() if term["learned"] else 0.5
            scores = F.normalize(query, dim=1) @ F.normalize(key, dim=1).T / temperature
            return F.cross_entropy(scores, torch.arange(len(scores)))
        return self.leaves[term["leaf"]].square().mean()


def schedule_of(optimizer, schedule):
    if schedule is None:
        return None
    if "tMax" in schedule:
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, schedule["tMax"])
    return torch.optim.lr_scheduler.StepLR(optimizer, schedule["stepSize"], schedule["gamma"])


cases = [{"program": program, "results": Running(program).run()} for program in json.load(sys.stdin)]
versions = {"torch": torch.__version__, "python": platform.python_version()}
print(json.dumps({"versions": versions, "cases": cases}, separators=(",", ":")))
