"""Writes test/golden/special.json: what PyTorch makes of NaN, infinities and -0 in every row of the table of cases, in float64.

`npm run golden -- special` runs it, with a Python that has torch.

A row has ordinary inputs, and cases that plant special numbers into them; the inputs of rows that go element by element are grids of all special
numbers, or of all pairs. The gradient of the result goes through SEED, again and again. Numbers have seven digits: what they are close to is tested elsewhere.
"""
import json
import math
import platform

import torch
import torch.nn.functional as F

generator = torch.Generator().manual_seed(5)
SPECIALS = [math.nan, math.inf, -math.inf, -0.0]
SEED = [1.0, -0.5, 2.0, 0.25, -1.5]
ORDINARY = [0.0, 1.5, -2.0]
GRIDS = {1: [*SPECIALS, *ORDINARY, 1.0, -1.0, 0.5, 3.0], 2: [*SPECIALS, *ORDINARY], "pow": [*SPECIALS, *ORDINARY, 1.0, -1.0, 0.5, 3.0]}
rows, grids = [], {}


def values(*shape, low=-2.0, high=2.0):
    """Odd sixteenths, which float32 holds too, and none of which is 0."""
    steps = torch.rand(*shape, dtype=torch.float64, generator=generator) * (high - low) + low
    return (torch.floor(steps * 8) * 2 + 1) / 16


def ints(*shape, below):
    return torch.randint(0, below, shape, generator=generator)


def token(value):
    if math.isnan(value):
        return "NaN"
    return f"{value:.7g}".replace("inf", "Infinity")


def text(x, plain=None):
    """The elements; "=" is what it was without a plant, and a single one stands for all."""
    tokens = [token(float(v)) for v in x.detach().flatten()]
    if plain is not None:
        tokens = ["=" if t == token(float(v)) else t for t, v in zip(tokens, plain.detach().flatten())]
    return " ".join(tokens[:1] if len(set(tokens)) == 1 else tokens)


def answer(function, inputs):
    """The result and the gradients of all inputs of a float type; none where it has none."""
    leaves = [x.clone().requires_grad_() if x.is_floating_point() else x for x in inputs]
    out = function(*leaves)
    gradients = []
    if out.requires_grad:
        seed = torch.tensor([SEED[i % len(SEED)] for i in range(out.numel())], dtype=torch.float64).reshape(out.shape)
        wanted = [leaf for leaf in leaves if leaf.is_floating_point()]
        found = torch.autograd.grad(out, wanted, seed, allow_unused=True)
        gradients = [torch.zeros_like(x) if g is None else g for g, x in zip(found, wanted)]
    return [out, *gradients]


def describe(x):
    return {"shape": list(x.shape), "dtype": "float64" if x.is_floating_point() else "int32", "data": text(x)}


def each(title, function, grid=1):
    """A row that goes element by element."""
    numbers = torch.tensor(GRIDS[grid], dtype=torch.float64)
    inputs = [numbers] if grid == 1 else list(torch.cartesian_prod(numbers, numbers).T.contiguous())
    grids[str(grid)] = [describe(x) for x in inputs]
    parts = answer(function, inputs)
    rows.append({"row": title, "inputs": str(grid), "shape": list(parts[0].shape), "plain": [text(x) for x in parts], "cases": []})


def row(title, function, *inputs, extra=(), never=()):
    """NaN in every line of each input (in three of larger ones) but those of `never`, each other special number somewhere in it, and `extra` plants."""
    plain, cases, plants = answer(function, inputs), [], []
    for index, x in enumerate(inputs):
        if not x.is_floating_point() or index in never:
            continue
        width = x.shape[-1] if x.dim() > 1 else 1
        count = x.numel() // width
        lines = range(count) if count <= 6 else (0, count // 2, count - 1)
        plants += [[(index, line * width + line % width, math.nan)] for line in lines]
        plants += [[(index, (3 * k + 1) % x.numel(), special)] for k, special in enumerate(SPECIALS[1:])]
    for plant in [*plants, *extra]:
        planted = [x.clone() for x in inputs]
        for index, place, special in plant:
            planted[index].view(-1)[place] = special
        parts = [text(x, before) for x, before in zip(answer(function, planted), plain)]
        cases.append([" ".join(f"{index} {place} {token(special)}" for index, place, special in plant), *parts])
    described = [describe(x) for x in inputs]
    rows.append({"row": title, "inputs": described, "shape": list(plain[0].shape), "plain": [text(x) for x in plain], "cases": cases})


# Element by element.
for title, function in {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "greater": torch.gt,
    "greaterEqual": torch.ge,
    "less": torch.lt,
    "lessEqual": torch.le,
    "equal": torch.eq,
    "notEqual": torch.ne,
    "where": lambda a, b: torch.where(a > b, a, b * 2),
}.items():
    each(title, function, 2)
each("pow", torch.pow, "pow")
for title, function in {
    "mul (aliased)": lambda x: x * x,
    "mul (number)": lambda x: -1.5 * x,
    "neg": torch.neg,
    "square": torch.square,
    "relu": F.relu,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "log": torch.log,
    "sqrt": torch.sqrt,
    # The root whose gradient at 0 is 0, as that of PyTorch's norm is.
    "safeSqrt": lambda x: torch.where(x == 0, x.detach(), torch.sqrt(torch.where(x == 0, 1, x))),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softplus": F.softplus,
    "maximum (of equals)": lambda x: torch.maximum(x, x),
    "minimum (of equals)": lambda x: torch.minimum(x, x),
    "reciprocal": torch.reciprocal,
    "abs": torch.abs,
    "sign": lambda x: torch.sign(x.detach()),
    "log1p": torch.log1p,
    "erf": torch.erf,
    "gelu": F.gelu,
    "clamp": lambda x: torch.clamp(x, -0.5, 1),
    "leakyRelu": lambda x: F.leaky_relu(x, 0.2),
    "pow (zero base)": lambda x: torch.pow(torch.zeros_like(x), x),
    "pow (negative base)": lambda x: torch.pow(x, torch.full_like(x, 3)),
}.items():
    each(title, function)
for power in (3, -1, 0.5, 2, 1, 0):
    each(f"pow (to {power})", lambda x, p=power: torch.pow(x, torch.full_like(x, p)))

# Reductions. The gradient of a maximum goes to the NaN, as in torch.max; torch.amax makes it NaN for all.
row("sum", torch.sum, values(2, 3))
row("sum (axis)", lambda x: x.sum((0, 2)), values(2, 3, 2))
row("mean", lambda x: x.mean(0, keepdim=True), values(3, 3))
row("variance", lambda x: x.var(0), values(3, 3))
row("variance (of all, uncorrected)", lambda x: x.var(unbiased=False), values(2, 3))
nan_and_infinity = [[(0, 0, math.inf), (0, 1, math.nan)], [(0, 0, math.nan), (0, 2, math.nan)]]
row("max", torch.max, values(2, 3), extra=nan_and_infinity)
row("max (axis 0)", lambda x: x.max(0, keepdim=True).values, values(3, 3))
row("max (of equals)",
    lambda x: torch.stack([torch.max(torch.stack([v, v, v])) for v in x.flatten()]).reshape(x.shape), values(2, 4))
row("min", lambda x: x.min(1).values, values(3, 3))
row("argmax", lambda x: torch.argmax(x.detach()), values(2, 3), extra=nan_and_infinity)
row("argmax (axis 0)", lambda x: torch.argmax(x.detach(), 0), values(3, 4))
row("argmin", lambda x: torch.argmin(x.detach(), 1, keepdim=True), values(3, 4), extra=[[(0, 5, math.nan), (0, 6, math.nan)]])
zeros = [[(0, place, 0.0) for place in (0, 2, 4)]]
for p in (1, 2, 3):
    row(f"norm (p = {p})", lambda x, p=p: torch.linalg.vector_norm(x, p, dim=0), values(3, 2), extra=zeros)
row("norm (p = Infinity)", lambda x: torch.linalg.vector_norm(x, math.inf, dim=0), values(3, 2))


def infinite_rows(places):
    fill = lambda special: [(0, place, special) for place in places]
    both = [(0, places[0], math.inf), (0, places[1], -math.inf)]
    return [fill(math.inf), fill(-math.inf), fill(math.nan), both, [(0, places[0], math.inf), (0, places[1], math.nan)]]


row("logSumExp", lambda x: torch.logsumexp(x, -1), values(3, 3), extra=infinite_rows([3, 4, 5]))
row("logSumExp (axis 0)", lambda x: torch.logsumexp(x, 0), values(2, 2, 3), extra=infinite_rows([1, 7]))
row("logSumExp (masked)", lambda x: torch.stack([torch.logsumexp(x[0, [0, 2]], 0), torch.logsumexp(x[1, [1]], 0)]),
    values(2, 3), extra=infinite_rows([0, 2]))
row("softmax", lambda x: torch.softmax(x, -1), values(4, 4), extra=infinite_rows([4, 5, 6, 7]))


def masked_softmax(x):
    kept = torch.softmax(x[[0, 2]], 0)
    return torch.stack([kept[0], x.new_zeros(2), kept[1]])


row("softmax (masked, axis 0)", masked_softmax, values(3, 2), extra=infinite_rows([0, 4]))
row("logSoftmax", lambda x: torch.log_softmax(x, -1), values(3, 3), extra=infinite_rows([3, 4, 5]))
row("logSoftmax (axis 0 of three)", lambda x: torch.log_softmax(x, 0), values(3, 2, 1), extra=infinite_rows([0, 2, 4]))


def masked_log_softmax(x):
    p, q = torch.log_softmax(x[0, [0, 2]], 0), torch.log_softmax(x[1, [1, 2]], 0)
    zero = x.new_zeros(())
    return torch.stack([torch.stack([p[0], zero, p[1]]), torch.stack([zero, q[0], q[1]])])


row("logSoftmax (masked)", masked_log_softmax, values(2, 3), extra=infinite_rows([0, 2]))

# Layout and indexing.
row("reshape", lambda x: x.reshape(3, -1), values(2, 3))
row("permute", lambda x: x.permute(2, 0, 1), values(2, 2, 3))
row("transpose", lambda x: x.T, values(2, 3))
row("broadcastTo", lambda x: x.expand(2, 3, 4), values(3, 1))
row("expandDims", lambda x: x.unsqueeze(1), values(3))
row("squeeze", torch.squeeze, values(1, 3, 1))
row("slice", lambda x: x[1:4:2, 0:2], values(5, 3))
row("concat", lambda a, b: torch.cat([a, b, a], 1), values(2, 3), values(2, 1))
row("flip", lambda x: x.flip(0, 1), values(2, 3))
row("flip (axis 1)", lambda x: x.flip(1), values(2, 3))
row("pad", lambda x, y: F.pad(x, (0, 2, 1, 0), value=1.5) * y, values(2, 2), values(3, 4))
row("stack", lambda a, b: torch.stack([a, b, a], -1), values(2, 2), values(2, 2))
row("split", lambda x: torch.cat([x[:, 4:], x[:, 0:2] * x[:, 2:4]], 1), values(3, 5))
row("gather", lambda x, k: x.gather(0, k), values(3, 3), ints(4, 2, below=3))
row("gather (along rows)", lambda x, k: x.gather(1, k), values(3, 3), ints(3, 3, below=3))
row("scatterAdd", lambda x, k, s: x.scatter_add(0, k, s), values(3, 3), ints(4, 2, below=3), values(4, 2))
row("takeAlongAxis", lambda x, k: torch.take_along_dim(x, k, 1), values(3, 4), ints(1, 2, below=4))
row("unfold", lambda x, y: F.unfold(x, 2, stride=(2, 1), padding=(1, 0)) * y, values(1, 2, 3, 3), values(1, 8, 4))
row("unfold (with gaps)", lambda x: F.unfold(x, 1, stride=2, padding=1), values(1, 2, 3, 3))
row("fold", lambda x, y: F.fold(x, (2, 3), 2, stride=(1, 2), padding=(1, 0)) * y, values(1, 8, 3), values(1, 2, 2, 3))
row("fold (side by side)", lambda x, y: F.fold(x, (2, 6), (2, 3), stride=(2, 3)) * y, values(2, 6, 2), values(2, 1, 2, 6))
row("fold (side by side, with a rest)", lambda x, y: F.fold(x, (3, 2), 2, stride=2) * y, values(1, 8, 1), values(1, 2, 3, 2))

# Products, directions and distances.
row("matmul", torch.matmul, values(2, 3), values(3, 2))
row("matmul (both transposed)", lambda a, b: a.T @ b.T, values(3, 2), values(4, 3))
row("matmul (a transposed)", lambda a, b: a.T @ b, values(3, 3), values(3, 2))
row("matmul (b transposed)", lambda a, b: a @ b.T, values(2, 3), values(4, 3))
row("matmul (batches)", torch.matmul, values(2, 1, 2, 3), values(2, 3, 2))
row("matmul (vectors)", torch.matmul, values(3), values(3))
row("dot", torch.dot, values(3), values(3))
row("outer", torch.outer, values(2), values(3))


def squares(a, b):
    return ((a[:, None] - b[None]) ** 2).sum(-1)


def root(x):
    """PyTorch's norm has no slope at 0."""
    return torch.where(x == 0, 0, torch.sqrt(torch.where(x == 0, 1, x)))


exact = "donot_use_mm_for_euclid_dist"
row("squaredCdist", squares, values(3, 2), values(4, 2))
row("squaredCdist (aliased)", lambda a: squares(a, a), values(4, 2))
row("cdist", lambda a, b: torch.cdist(a, b, compute_mode=exact), values(3, 2), values(3, 2))
row("pairwiseDistance", lambda a, b: F.pairwise_distance(a, b, eps=1e-3), values(3, 2), values(3, 2))
row("normalize", lambda x: F.normalize(x, dim=-1), values(3, 3))
row("normalize (axis 0)", lambda x: F.normalize(x, dim=0), values(2, 3))
row("cosineSimilarity", lambda a, b: (F.normalize(a, dim=-1, eps=1e-8) * F.normalize(b, dim=-1, eps=1e-8)).sum(-1),
    values(3, 3), values(3, 3))

# Layers.
row("nn.Linear", F.linear, values(4, 3), values(2, 3), values(2))
row("nn.Conv2d", lambda x, w, b: F.conv2d(x, w, b, padding=1), values(1, 2, 2, 3), values(2, 2, 2, 2), values(2))
row("nn.Conv2d (stride, not square, no bias)", lambda x, w: F.conv2d(x, w, stride=(1, 2), padding=(0, 2)),
    values(2, 1, 3, 4), values(2, 1, 2, 3))
row("nn.Conv2d (of single elements)", F.conv2d, values(2, 2, 2, 2), values(3, 2, 1, 1), values(3))
# No ties: values by shuffled places.
image = (torch.randperm(32, generator=generator).double() / -8 - 0.125).reshape(2, 1, 4, 4)
row("nn.MaxPool2d", lambda x: F.max_pool2d(x, 2), image)
row("nn.MaxPool2d (overlapping, padded)", lambda x: F.max_pool2d(x, 3, 2, 1), image, extra=[[(0, 0, math.inf), (0, 1, math.nan)]])
row("nn.MaxPool2d (not square)", lambda x: F.max_pool2d(x, (2, 3), (1, 2)), image)
row("nn.GlobalAvgPool2d", lambda x: x.mean((2, 3)), values(2, 3, 2, 2))


def channels(values, x):
    return values.reshape([-1 if axis == 1 else 1 for axis in range(x.dim())])


def batch_norm(x, w, b, eps=1e-5):
    """By its formula: PyTorch's own multiplies out, and makes NaN where a weight is infinite."""
    axes = [axis for axis in range(x.dim()) if axis != 1]
    mean, variance = x.mean(axes, keepdim=True), x.var(axes, keepdim=True, unbiased=False)
    return (x - mean) / torch.sqrt(variance + eps) * channels(w, x) + channels(b, x)


def evaluated(x, w, b):
    """As PyTorch: a factor and a shift."""
    mean, variance = (torch.tensor(list, dtype=x.dtype) for list in ([0.5, -1], [2, 0.25]))
    scale = w / torch.sqrt(variance + 0.5)
    return x * channels(scale, x) + channels(b - mean * scale, x)


row("nn.BatchNorm1d", batch_norm, values(5, 2), values(2), values(2))
row("nn.BatchNorm1d (evaluated)", evaluated, values(2, 2, 3), values(2), values(2))
row("nn.BatchNorm2d", lambda x, w, b: batch_norm(x, w, b, 0.1), values(2, 2, 2, 2), values(2), values(2))
row("nn.LayerNorm", lambda x, w, b: F.layer_norm(x, [4], w, b), values(3, 4), values(4), values(4))
row("nn.LayerNorm (two axes)", lambda x, w, b: F.layer_norm(x, [2, 2], w, b, 0.1), values(2, 2, 2), values(2, 2), values(2, 2))
row("nn.L2Normalize", lambda x: F.normalize(x, dim=-1), values(3, 2))
row("nn.Flatten", lambda x: x.flatten(1), values(2, 2, 2, 3))
row("nn.Residual", lambda x: x + F.layer_norm(x, [2], eps=10), values(3, 2))
each("nn.Sequential", lambda x: torch.sigmoid(F.leaky_relu(torch.tanh(x), 0.5)))
each("nn.ReLU", F.relu)
each("nn.LeakyReLU", F.leaky_relu)
each("nn.Sigmoid", torch.sigmoid)
each("nn.Tanh", torch.tanh)
each("nn.Softplus", F.softplus)
each("nn.GELU", F.gelu)


# Losses, by their formulas.
def contrastive(squared, same, margin):
    return 0.5 * torch.where(same, squared, F.relu(margin - root(squared)) ** 2)


def pair_squares(a, b):
    return ((a - b) ** 2).sum(1)


def mean_of_active(terms):
    """NaN takes part: the sum decides."""
    return terms.sum() / (terms > 0).sum().clamp(min=1)


def batch_contrastive(z, y, kinds):
    n, same = len(z), y[:, None] == y[None]
    once = torch.ones(n, n).triu(1).bool()
    terms = torch.where(once, contrastive(squares(z, z), same, 3), 0)
    if kinds:
        return sum(mean_of_active(torch.where(kind, terms, 0)) for kind in (same, ~same))
    return terms.sum() / (n * (n - 1) / 2)


pairs = torch.tensor([1, 0, 1, 0])
classes = torch.tensor([0, 1, 0, 2, 1])
row("contrastiveLoss", lambda a, b, y: contrastive(pair_squares(a, b), y == 1, 2).mean(), values(4, 2), values(4, 2), pairs)
row("contrastiveLoss (reduction 'none')", lambda a, b, y: contrastive(pair_squares(a, b), y == 1, 6),
    values(4, 2), values(4, 2), pairs)


def cosine_contrastive(a, b, y):
    d = 1 - (F.normalize(a, dim=1) * F.normalize(b, dim=1)).sum(1)
    return torch.where(y == 0, d, F.relu(1 - d)).mean()


row("contrastiveLoss (cosine, label 1 differs, not squared)", cosine_contrastive, values(4, 2), values(4, 2), pairs)
row("contrastiveLossFromDistance", lambda d, y: (0.5 * torch.where(y == 1, d**2, F.relu(1.5 - d) ** 2)).mean(),
    values(4, low=0.125), pairs)
row("batchContrastiveLoss", lambda z, y: batch_contrastive(z, y, False), values(5, 2), classes)
row("batchContrastiveLoss (average 'nonZeroPerKind')", lambda z, y: batch_contrastive(z, y, True), values(5, 2), classes)


def triplet(a, p, n):
    return F.relu(pair_squares(a, p) - pair_squares(a, n) + 1.5).mean()


def smooth_triplet(a, p, n):
    a, p, n = (F.normalize(x, dim=1) for x in (a, p, n))
    far = torch.minimum(pair_squares(a, n), pair_squares(p, n))
    return F.softplus(pair_squares(a, p) - far + 0.3).mean()


row("tripletLoss", triplet, values(3, 2), values(3, 2), values(3, 2))
row("tripletLoss (not squared, 'sum')", lambda a, p, n: F.relu(root(pair_squares(a, p)) - root(pair_squares(a, n)) + 1).sum(),
    values(3, 2), values(3, 2), values(3, 2))
row("tripletLoss (swap, smooth, on the sphere)", smooth_triplet, values(3, 2), values(3, 2), values(3, 2))


def triplets(d, y, mining, term):
    """NaN is the largest, in a maximum and as a distance that must exceed another."""
    terms = []
    for a in range(len(d)):
        positives = [p for p in range(len(d)) if p != a and y[p] == y[a]]
        negatives = [n for n in range(len(d)) if y[n] != y[a]]
        if not positives or not negatives:
            continue
        near, far = d[a, positives], d[a, negatives]
        if mining == "hard":
            gaps = [near.max() - far.min()]
        elif mining == "all":
            gaps = (near[:, None] - far[None]).flatten()
        else:
            beyond = [far[~(far <= p)] for p in near]
            gaps = [p - (some.min() if len(some) else far.max()) for p, some in zip(near, beyond)]
        terms += [term(gap) for gap in gaps]
    return torch.stack(terms)


row("batchTripletLoss", lambda z, y: triplets(squares(z, z), y, "all", lambda gap: F.relu(gap + 1.5)).mean(),
    values(5, 2), classes)
row("batchTripletLoss (not squared, 'violating')",
    lambda z, y: mean_of_active(triplets(root(squares(z, z)), y, "all", lambda gap: F.relu(gap + 1))), values(5, 2), classes)
# Positives are near, so that all negatives are semi-hard; row 3 is nobody's positive.
apart = values(5, 2, low=-0.5, high=0.5) + torch.tensor([[0, 0], [2, 0], [0, 0.25], [-1, 2], [2, 0.25]], dtype=torch.float64)
for mining in ("hard", "semiHard"):
    row(f"batchTripletLoss ({mining})",
        lambda z, y, m=mining: triplets(root(squares(z, z)), y, m, lambda gap: F.softplus(gap + 4)).mean(), apart, classes)


def every_anchor(d, y, term):
    """For what an anchor lacks, 0 and its furthest row stand."""
    terms = []
    for a in range(len(d)):
        positives = [p for p in range(len(d)) if p != a and y[p] == y[a]]
        negatives = [n for n in range(len(d)) if y[n] != y[a]]
        near = d[a, positives].max() if positives else torch.tensor(0.0, dtype=d.dtype)
        terms.append(term(near - (d[a, negatives].min() if negatives else d[a].max())))
    return torch.stack(terms)


row("batchTripletLoss (hard, every row an anchor)",
    lambda z, y: every_anchor(root(squares(z, z)), y, lambda gap: F.softplus(gap + 4)).mean(), apart, classes)


def drawn_triplets(z, y):
    """With one negative there is nothing to draw."""
    unit = F.normalize(z, dim=1)
    return triplets(squares(unit, unit), y, "all", lambda gap: F.relu(gap + 1)).mean()


row("batchTripletLoss (distanceWeighted)", drawn_triplets, values(4, 3), torch.tensor([0, 0, 0, 1]))


def surprise(positive, negatives):
    """-log(e^p / (e^p + Σ e^n))."""
    return F.softplus(negatives - positive)


def unit(*tensors):
    return [F.normalize(x, dim=-1) for x in tensors]


def in_batch(scores):
    n = len(scores)
    others = [[j for j in range(n) if j != i] for i in range(n)]
    return torch.stack([surprise(scores[i, i], torch.logsumexp(scores[i, others[i]], 0)) for i in range(n)])


def info_nce(q, k, temperature):
    return in_batch(q / temperature @ k.T)


row("infoNCELoss", lambda q, k: info_nce(*unit(q, k), 0.5).mean(), values(3, 2), values(3, 2))
row("infoNCELoss (aliased, raw)", lambda q: info_nce(q, q, 1).mean(), values(3, 3))


def symmetric(q, k):
    scores = torch.matmul(*(x if i == 0 else x.T for i, x in enumerate(unit(q, k))))
    return ((in_batch(scores) + in_batch(scores.T)) / 2).mean()


row("infoNCELoss (symmetric)", symmetric, values(3, 2), values(3, 2))


def shared_negatives(q, k, far, temperature):
    q, k, far = unit(q, k, far)
    q = q / temperature
    return surprise((q * k).sum(1), torch.logsumexp(q @ far.T, 1)).mean()


def own_negatives(q, k, far):
    q, k, far = unit(q, k, far)
    return surprise((q * k).sum(1), torch.logsumexp((far @ q[:, :, None])[..., 0], 1)).mean()


row("infoNCELoss (negatives of each row)", own_negatives, values(3, 2), values(3, 2), values(3, 4, 2))


def nt_xent(a, b):
    z = F.normalize(torch.cat([a, b]), dim=1)
    scores = z / 0.5 @ z.T
    n = len(a)
    losses = []
    for i in range(2 * n):
        partner = (i + n) % (2 * n)
        others = [j for j in range(2 * n) if j not in (i, partner)]
        losses.append(surprise(scores[i, partner], torch.logsumexp(scores[i, others], 0)))
    return torch.stack(losses).mean()


row("ntXentLoss", nt_xent, values(3, 2), values(3, 2))


def sup_con(z, y, temperature, exclude=False):
    z = F.normalize(z, dim=1)
    scores = z / temperature @ z.T
    losses = []
    for i in range(len(z)):
        others = [j for j in range(len(z)) if j != i]
        positives = [p for p in others if y[p] == y[i]]
        negatives = [n for n in others if y[n] != y[i]]
        if not positives:
            continue
        if exclude:
            losses.append(torch.stack([surprise(scores[i, p], torch.logsumexp(scores[i, negatives], 0)) for p in positives]).mean())
        else:
            losses.append(torch.logsumexp(scores[i, others], 0) - scores[i, positives].mean())
    return torch.stack(losses).mean()


row("supConLoss (allPositives)", lambda z, y: sup_con(z, y, 0.5), values(5, 2), classes)
row("supConLoss (otherPositivesExcluded)", lambda z, y: sup_con(z, y, 0.5, True), values(5, 2), classes)


def mutual(local, glob, estimator, temperature=1.0):
    n, d = glob.shape
    places = local.shape[1] if local.dim() == 3 else 1
    scores = local.reshape(n * places, d) / temperature @ glob.T
    own = torch.arange(n).repeat_interleave(places)
    is_own = own[:, None] == torch.arange(n)[None]
    positive = scores[is_own]
    negative = scores[~is_own].reshape(n * places, n - 1)
    if estimator == "infoNCE":
        return surprise(positive, torch.logsumexp(negative, 1)).mean()
    if estimator == "jsd":
        return F.softplus(-positive).mean() + F.softplus(negative).mean()
    return torch.logsumexp(negative.flatten(), 0) - math.log(negative.numel()) - positive.mean()


row("mutualInformationLoss", lambda a, b: mutual(a, b, "infoNCE"), values(3, 2), values(3, 2))
for estimator in ("infoNCE", "jsd", "dv"):
    row(f"mutualInformationLoss ({estimator}, places)", lambda a, b, e=estimator: mutual(a, b, e, 0.7), values(3, 2, 2), values(3, 2))
    row(f"mutualInformationLoss ({estimator})", lambda a, b, e=estimator: mutual(*unit(a, b), e), values(3, 3), values(3, 3))
ceiling = torch.tensor(math.log(3), dtype=torch.float64)
row("mutualInformationBound", lambda a, b: torch.minimum(ceiling - mutual(a, b, "infoNCE"), ceiling), values(3, 2), values(3, 2))
row("nPairLoss", lambda a, p: mutual(a, p, "infoNCE") + 0.05 * ((a**2).sum(1).mean() + (p**2).sum(1).mean()), values(3, 2), values(3, 2))

# A temperature must be a positive number: nothing is planted into it.
learned = torch.tensor(0.5, dtype=torch.float64)
row("infoNCELoss (shared negatives, learned temperature)", shared_negatives, values(3, 2), values(3, 2), values(4, 2), learned, never=[3])
row("supConLoss (views, learned temperature)",
    lambda z, t: sup_con(z.reshape(6, 2), torch.tensor([4, 4, 9, 9, 4, 4]), t) * t / 0.5, values(3, 2, 2), learned, never=[1])

versions = {"torch": torch.__version__, "python": platform.python_version()}
print(json.dumps({"versions": versions, "seed": SEED, "grids": grids, "rows": rows}, separators=(",", ":")).replace('{"row"', '\n{"row"'))
