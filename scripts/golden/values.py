"""Writes test/golden/values.json: PyTorch's values and gradients of every operation and loss, in float64 and float32.

`npm run golden -- values` runs it, with a Python that has torch.

Each case names one of the library's functions, with the arguments that it takes after its tensors. The gradient of the
result is cos(1 + i) at its element i.
"""
import json
import math
import platform

import torch
import torch.nn.functional as F

torch.manual_seed(0)
cases = []


def uniform(*shape, low=-2.0, high=2.0):
    return torch.rand(*shape, dtype=torch.float64) * (high - low) + low


def ints(*shape, below):
    return torch.randint(0, below, shape)


def run(function, inputs, dtype):
    leaves = [x.to(dtype).requires_grad_() if x.is_floating_point() else x for x in inputs]
    out = function(*leaves)
    wanted = [leaf for leaf in leaves if leaf.is_floating_point()]
    result = {"out": out.detach().flatten().tolist(), "gradients": None}
    if out.requires_grad:
        seed = torch.cos(1 + torch.arange(out.numel(), dtype=torch.float64)).reshape(out.shape).to(dtype)
        gradients = torch.autograd.grad(out, wanted, seed, allow_unused=True)
        result["gradients"] = [
            (torch.zeros_like(leaf) if g is None else g).flatten().tolist() for g, leaf in zip(gradients, wanted)
        ]
    return list(out.shape), result


def case(op, inputs, function, args=(), scale=1.0):
    shape, float64 = run(function, inputs, torch.float64)
    _, float32 = run(function, inputs, torch.float32)
    cases.append(
        {
            "op": op,
            "inputs": [
                {
                    "shape": list(x.shape),
                    "dtype": "float64" if x.is_floating_point() else "int32",
                    "data": x.flatten().tolist(),
                }
                for x in inputs
            ],
            "args": list(args),
            "scale": scale,
            "shape": shape,
            "float64": float64,
            "float32": float32,
        }
    )


# Element by element.
for op, function in {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
}.items():
    case(op, [uniform(3, 4), uniform(3, 4)], function)
    case(op, [uniform(3, 1), uniform(2, 3, 3)], function)
for n in (2, 3):
    case("div", [uniform(n, n), uniform(n, 1, low=0.5, high=3)], torch.div)
case("pow", [uniform(3, 3, low=0.3, high=2), uniform(3, 1)], torch.pow)
for power in (3, 2, 1, 0, -1, 0.5):
    case("pow", [uniform(4, low=0.2, high=2)], lambda x, p=power: x**p, [power])
case("pow", [torch.tensor([0.0, -1.5, 2.0], dtype=torch.float64)], lambda x: x**2, [2])
unary = {
    "neg": torch.neg,
    "abs": torch.abs,
    "square": torch.square,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softplus": F.softplus,
    "relu": F.relu,
    "gelu": F.gelu,
    "erf": torch.erf,
}
for op, function in unary.items():
    case(op, [uniform(4, 4)], function)
    case(op, [uniform(5, low=-4, high=4)], function)
for op, function in {"log": torch.log, "log1p": torch.log1p, "sqrt": torch.sqrt, "safeSqrt": torch.sqrt,
                     "reciprocal": torch.reciprocal}.items():
    case(op, [uniform(3, 3, low=0.1, high=4)], function)
case("sign", [uniform(5)], lambda x: torch.sign(x.detach()))
case("leakyRelu", [uniform(5)], lambda x: F.leaky_relu(x, 0.2), [{"slope": 0.2}])
case("clamp", [uniform(6)], lambda x: torch.clamp(x, -0.5, 1), [{"min": -0.5, "max": 1}])
for op, function in {
    "greater": torch.gt,
    "greaterEqual": torch.ge,
    "less": torch.lt,
    "lessEqual": torch.le,
    "equal": torch.eq,
    "notEqual": torch.ne,
}.items():
    case(op, [ints(3, 3, below=3), ints(1, 3, below=3)], lambda a, b, f=function: f(a, b).int())
case("where", [ints(3, 3, below=2), uniform(3, 1), uniform(3)], lambda c, a, b: torch.where(c == 1, a, b))
case("cast", [uniform(5)], lambda x: x.detach().to(torch.int32), ["int32"])

# Reductions.
for axis, torch_axis in (([0, 2], (0, 2)), (1, (1,))):
    for op, function in {"sum": torch.sum, "mean": torch.mean, "variance": torch.var}.items():
        case(op, [uniform(2, 3, 4)], lambda x, f=function, a=torch_axis: f(x, dim=a), [{"axis": axis}])
case("variance", [uniform(3, 3)], lambda x: torch.var(x, dim=0, unbiased=False), [{"axis": 0, "correction": 0}])
ties = torch.tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]], dtype=torch.float64)
for x in (uniform(3, 3), ties):
    case("max", [x], lambda x: torch.amax(x, 1), [{"axis": 1}])
    case("min", [x], lambda x: torch.amin(x, (0, 1)))
case("argmax", [uniform(3, 4)], lambda x: torch.argmax(x, 1), [{"axis": 1}])
case("argmin", [uniform(3, 4)], lambda x: torch.argmin(x))
for p in (1, 2, 3):
    case("norm", [uniform(3, 3)], lambda x, p=p: torch.linalg.vector_norm(x, p, dim=1), [{"p": p, "axis": 1}])
for x in (uniform(3, 3), uniform(2, 3) * 1e4):
    case("logSumExp", [x], lambda x: torch.logsumexp(x, -1))
    case("softmax", [x], lambda x: torch.softmax(x, -1))
    case("logSoftmax", [x], lambda x: torch.log_softmax(x, -1))
case("logSoftmax", [uniform(3, 2, 2)], lambda x: torch.log_softmax(x, 0), [{"axis": 0}])

# Layout and indexing.
case("reshape", [uniform(2, 3)], lambda x: x.reshape(3, -1), [[3, -1]])
case("permute", [uniform(2, 3, 4)], lambda x: x.permute(2, 0, 1), [[2, 0, 1]])
case("transpose", [uniform(3, 3)], lambda x: x.T)
case("broadcastTo", [uniform(3, 1)], lambda x: x.expand(2, 3, 4), [[2, 3, 4]])
case("expandDims", [uniform(3)], lambda x: x.unsqueeze(1), [1])
case("squeeze", [uniform(1, 3, 1)], torch.squeeze)
case("slice", [uniform(5, 3)], lambda x: x[1:4:2, 0:2], [{"starts": [1, 0], "ends": [4, -1], "steps": [2, 1]}])
case("flip", [uniform(2, 3)], lambda x: x.flip(0, 1))
case("pad", [uniform(2, 2)], lambda x: F.pad(x, (0, 2, 1, 0), value=1.5), [[[1, 0], [0, 2]], {"value": 1.5}])
case("concat", [uniform(2, 3), uniform(2, 1)], lambda *x: torch.cat(x, 1), [{"axis": 1}])
case("stack", [uniform(2, 2), uniform(2, 2)], lambda *x: torch.stack(x, 2), [{"axis": 2}])
case("split", [uniform(3, 5)], lambda x: torch.split(x, 2, 1)[1], [2, {"axis": 1}])
case("gather", [uniform(3, 3), ints(4, 2, below=3)], lambda x, k: x.gather(0, k), [{"axis": 0}])
case("scatterAdd", [uniform(3, 3), ints(4, 2, below=3), uniform(4, 2)], lambda x, k, s: x.scatter_add(0, k, s),
     [{"axis": 0}])
case("takeAlongAxis", [uniform(3, 4), ints(1, 2, below=4)], lambda x, k: torch.take_along_dim(x, k, 1))
case("oneHot", [ints(4, below=3)], lambda y: F.one_hot(y, 3), [3])

# Products, directions and distances.
case("matmul", [uniform(3, 3), uniform(3, 3)], torch.matmul)
case("matmul", [uniform(2, 1, 2, 3), uniform(2, 3, 2)], torch.matmul)
case("matmul", [uniform(3), uniform(3, 2)], torch.matmul)
case("matmul", [uniform(3, 2), uniform(4, 3)], lambda a, b: a.T @ b.T, [{"transposeA": True, "transposeB": True}])
case("dot", [uniform(4), uniform(4)], torch.dot)
case("outer", [uniform(3), uniform(4)], torch.outer)
case("normalize", [uniform(3, 3)], lambda x: F.normalize(x, dim=-1))
case("cosineSimilarity", [uniform(3, 4), uniform(3, 4)], F.cosine_similarity)
case("pairwiseDistance", [uniform(3, 4), uniform(3, 4)], lambda a, b: F.pairwise_distance(a, b, eps=1e-6),
     [{"eps": 1e-6}])
exact = "donot_use_mm_for_euclid_dist"
case("cdist", [uniform(3, 2), uniform(4, 2)], lambda a, b: torch.cdist(a, b, compute_mode=exact))
case("squaredCdist", [uniform(3, 2), uniform(4, 2)], lambda a, b: ((a[:, None] - b[None]) ** 2).sum(-1))


# Losses, by their formulas.
def contrastive(d, same, margin):
    return 0.5 * torch.where(same, d**2, F.relu(margin - d) ** 2)


def distances(z):
    off = 1 - torch.eye(len(z), dtype=z.dtype)
    return (((z[:, None] - z[None]) ** 2).sum(-1) + (1 - off)).sqrt() * off


labels = torch.tensor([0, 1, 0, 2, 1, 0])
pairs = torch.tensor([1, 0, 1, 0, 0, 1])
for margin in (1, 3):
    case(
        "contrastiveLoss",
        [uniform(6, 3), uniform(6, 3), pairs],
        lambda a, b, y, m=margin: contrastive((a - b).norm(dim=1), y == 1, m).mean(),
        [{"margin": margin}],
    )


def batch_contrastive(z, y, margin, kinds):
    i, j = torch.triu_indices(len(z), len(z), 1)
    same = y[i] == y[j]
    terms = contrastive((z[i] - z[j]).norm(dim=1), same, margin)
    if not kinds:
        return terms.mean()
    return sum(part[part > 0].mean() for part in (terms[same], terms[~same]))


case("batchContrastiveLoss", [uniform(6, 3), labels], lambda z, y: batch_contrastive(z, y, 3, False), [{"margin": 3}])
case("batchContrastiveLoss", [uniform(6, 3), labels], lambda z, y: batch_contrastive(z, y, 3, True),
     [{"margin": 3, "average": "nonZeroPerKind"}])
for squared in (True, False):
    def triplet(a, p, n, squared=squared):
        near, far = (a - p).norm(dim=1), (a - n).norm(dim=1)
        return F.relu((near**2 - far**2 if squared else near - far) + 1.5).mean()

    case("tripletLoss", [uniform(5, 3), uniform(5, 3), uniform(5, 3)], triplet, [{"margin": 1.5, "squared": squared}])

    def batch_triplet(z, y, squared=squared):
        n = len(z)
        d = distances(z) ** 2 if squared else distances(z)
        terms = torch.stack([
            F.relu(d[a, p] - d[a, k] + 1)
            for a in range(n) for p in range(n) for k in range(n)
            if a != p and y[a] == y[p] and y[a] != y[k]
        ])
        return terms.mean() if squared else terms[terms > 0].mean()

    case("batchTripletLoss", [uniform(6, 3), labels], batch_triplet,
         [{"squared": squared, "average": "all" if squared else "violating"}])


def info_nce(q, k, temperature, normalize, symmetric=False):
    if normalize:
        q, k = F.normalize(q, dim=1), F.normalize(k, dim=1)
    scores = q @ k.T / temperature
    target = torch.arange(len(q))
    loss = F.cross_entropy(scores, target)
    return (loss + F.cross_entropy(scores.T, target)) / 2 if symmetric else loss


for temperature in (1, 0.1):
    case("infoNCELoss", [uniform(5, 3), uniform(5, 3)], lambda q, k, t=temperature: info_nce(q, k, t, True),
         [{"temperature": temperature}], 1 / temperature)
case("infoNCELoss", [uniform(4, 4), uniform(4, 4)], lambda q, k: info_nce(q, k, 0.5, False, True),
     [{"temperature": 0.5, "normalize": False, "symmetric": True}], 2)
case("mutualInformationLoss", [uniform(4, 4), uniform(4, 4)], lambda a, b: info_nce(a, b, 1, False))
case("mutualInformationLoss", [uniform(3, 2) * 40, uniform(3, 2) * 40], lambda a, b: info_nce(a, b, 1, False))

def negatives_nce(q, k, far, temperature):
    q, k, far = (F.normalize(x, dim=-1) for x in (q, k, far))
    own = (q * k).sum(1, keepdim=True)
    others = q @ far.T if far.dim() == 2 else (far @ q[:, :, None])[..., 0]
    scores = torch.cat([own, others], 1) / temperature
    return F.cross_entropy(scores, torch.zeros(len(q), dtype=torch.long), reduction="none")


learned = torch.tensor(0.4, dtype=torch.float64)
case("infoNCELoss", [uniform(4, 3), uniform(4, 3), uniform(5, 3), learned],
     lambda q, k, far, t: negatives_nce(q, k, far, t).mean(),
     [{"negatives": {"input": 2}, "temperature": {"input": 3}}], 2.5)
case("infoNCELoss", [uniform(4, 3), uniform(4, 3), uniform(4, 5, 3)],
     lambda q, k, far: negatives_nce(q, k, far, 0.5).sum(),
     [{"negatives": {"input": 2}, "temperature": 0.5, "reduction": "sum"}], 2)
case("infoNCELoss", [uniform(4, 3), uniform(4, 3)],
     lambda q, k: F.cross_entropy(F.normalize(q, dim=1) @ F.normalize(k, dim=1).T / 0.1, torch.arange(4), reduction="none"),
     [{"reduction": "none"}], 10)
case("mutualInformationLoss", [uniform(4, 3), uniform(4, 3)], lambda a, b: info_nce(a, b, 0.5, True, True),
     [{"temperature": 0.5, "normalize": True, "symmetric": True}], 2)
case("contrastiveLoss", [uniform(4, 2), uniform(4, 2), pairs[:4]],
     lambda a, b, y: contrastive((a - b).norm(dim=1), y == 1, 1), [{"reduction": "none"}])
case("tripletLoss", [uniform(4, 2), uniform(4, 2), uniform(4, 2)],
     lambda a, p, n: F.relu(((a - p) ** 2).sum(1) - ((a - n) ** 2).sum(1) + 1).sum(), [{"reduction": "sum"}])
# The defaults; and a single active pair of each kind.
case("contrastiveLoss", [uniform(4, 2), uniform(4, 2), pairs[:4]],
     lambda a, b, y: contrastive((a - b).norm(dim=1), y == 1, 1).mean())
case("batchContrastiveLoss", [uniform(6, 2, high=-1), labels], lambda z, y: batch_contrastive(z, y, 1, False))
case("batchContrastiveLoss", [torch.tensor([[0.0, 0], [0.3, 0.4], [9, 9]], dtype=torch.float64), torch.tensor([0, 0, 1])],
     lambda z, y: contrastive((z[:1] - z[1:2]).norm(dim=1), torch.tensor([True]), 1).mean(),
     [{"average": "nonZeroPerKind"}])
case("tripletLoss", [uniform(4, 2), uniform(4, 2), uniform(4, 2)],
     lambda a, p, n: F.relu(((a - p) ** 2).sum(1) - ((a - n) ** 2).sum(1) + 1).mean())
case("batchTripletLoss", [torch.tensor([[0.0, 0], [0.5, 0], [0.9, 0.2]], dtype=torch.float64), torch.tensor([0, 0, 1])],
     lambda z, y: sum(F.relu(((z[a] - z[p]) ** 2).sum() - ((z[a] - z[2]) ** 2).sum() + 1) for a, p in ((0, 1), (1, 0))) / 2)
# Nothing to compare, on request: 0, with a gradient of 0.
case("batchTripletLoss", [uniform(3, 2), torch.arange(3)], lambda z, y: (z * 0).sum(), [{"onEmpty": "zero"}])
case("batchTripletLoss", [uniform(3, 2), torch.arange(3)], lambda z, y: (z * 0).sum(),
     [{"onEmpty": "zero", "average": "violating"}])
case("batchContrastiveLoss", [uniform(1, 2), torch.arange(1)], lambda z, y: (z * 0).sum(), [{"onEmpty": "zero"}])
case("batchContrastiveLoss", [uniform(2, 2) * 9, torch.arange(2)], lambda z, y: (z * 0).sum(),
     [{"average": "nonZeroPerKind"}])

# The originals themselves.
for swap in (False, True):
    case("tripletLoss", [uniform(5, 3), uniform(5, 3), uniform(5, 3)],
         torch.nn.TripletMarginLoss(margin=1, p=2, eps=1e-6, swap=swap), [{"squared": False, "eps": 1e-6, "swap": swap}])
    cosine = torch.nn.TripletMarginWithDistanceLoss(
        distance_function=lambda a, b: 1 - F.cosine_similarity(a, b), margin=0.5, swap=swap, reduction="sum")
    case("tripletLoss", [uniform(5, 3), uniform(5, 3), uniform(5, 3)], cosine,
         [{"distance": "cosine", "squared": False, "margin": 0.5, "swap": swap, "reduction": "sum"}])
case("tripletLoss", [uniform(5, 3), uniform(5, 3), uniform(5, 3)],
     torch.nn.TripletMarginLoss(margin=0.7, p=3, eps=0, reduction="none"),
     [{"squared": False, "distance": {"p": 3}, "margin": 0.7, "reduction": "none"}])
case("tripletLoss", [uniform(4, 3), uniform(4, 3), uniform(4, 3)],
     lambda a, p, n: F.softplus(((a - p) ** 2).sum(1) - ((a - n) ** 2).sum(1) + 0.5).mean(), [{"smooth": True, "margin": 0.5}])
case("tripletLoss", [uniform(4, 3), uniform(4, 3), uniform(4, 3)],
     lambda a, p, n: F.relu(((F.normalize(a) - F.normalize(p)) ** 2).sum(1) - ((F.normalize(a) - F.normalize(n)) ** 2).sum(1) + 0.2).sum(),
     [{"normalize": True, "margin": 0.2, "reduction": "sum"}])


def general_contrastive(d, same, margin=1, half=True, square=True):
    hinge = F.relu(margin - d)
    return torch.where(same, d**2 if square else d, hinge**2 if square else hinge) * (0.5 if half else 1)


case("contrastiveLoss", [uniform(6, 3), uniform(6, 3), pairs],
     lambda a, b, y: general_contrastive(F.pairwise_distance(a, b, eps=1e-6), y == 0, 3, half=False).mean(),
     [{"labelMeans": "different", "half": False, "eps": 1e-6, "margin": 3}])
case("contrastiveLoss", [uniform(6, 3), uniform(6, 3), pairs],
     lambda a, b, y: general_contrastive(1 - F.cosine_similarity(a, b), y == 1, 0.5).mean(),
     [{"distance": "cosine", "margin": 0.5}])
close = uniform(4, 2)
case("contrastiveLoss", [close, close + torch.tensor([[0.0, 0], [1e-5, 0], [1, 1], [0.5, 0]], dtype=torch.float64), pairs[:4]],
     lambda a, b, y: general_contrastive(((a - b) ** 2).sum(1).clamp(min=1e-7).sqrt(), y == 0, 1, half=False).sum(),
     [{"labelMeans": "different", "half": False, "floor": 1e-7, "reduction": "sum"}])
case("contrastiveLoss", [uniform(5, 3, low=0.1), uniform(5, 3, low=0.1), pairs[:5]],
     lambda a, b, y: general_contrastive(-(a * b).sum(1), y == 1).mean(), [{"distance": "dot"}])
case("contrastiveLoss", [uniform(5, 3), uniform(5, 3), pairs[:5]],
     lambda a, b, y: general_contrastive(((a - b) ** 2).sum(1), y == 1, 4).mean(), [{"distance": "squaredEuclidean", "margin": 4}])
case("contrastiveLoss", [uniform(5, 3), uniform(5, 3), pairs[:5]],
     lambda a, b, y: general_contrastive((a - b).abs().sum(1), y == 1, 4, square=False).mean(),
     [{"distance": {"p": 1}, "margin": 4, "squareTerms": False}])
case("contrastiveLossFromDistance", [uniform(6, low=0.05), pairs],
     lambda d, y: general_contrastive(d, y == 1).mean())
case("contrastiveLossFromDistance", [uniform(6, low=0.05), pairs],
     lambda d, y: general_contrastive(d, y == 0, 1.5, half=False, square=False), 
     [{"labelMeans": "different", "half": False, "squareTerms": False, "margin": 1.5, "reduction": "none"}])


def matrix(z, kind):
    unit = F.normalize(z)
    if kind == "cosine":
        return 1 - unit @ unit.T
    if kind == "dot":
        return -z @ z.T
    if kind == "l1":
        return (z[:, None] - z[None]).abs().sum(-1)
    return distances(unit if kind == "unit" else z)


for kind, options in {
    "unit": {"normalize": True},
    "cosine": {"distance": "cosine"},
    "l1": {"distance": {"p": 1}},
}.items():
    def metric_learning(z, y, kind=kind):
        i, j = torch.triu_indices(len(z), len(z), 1)
        same, d = y[i] == y[j], matrix(z, kind)[i, j]
        terms = general_contrastive(d, same, 1, half=False, square=False)
        return sum(part[part > 0].mean() for part in (terms[same], terms[~same]) if (part > 0).any())

    case("batchContrastiveLoss", [uniform(6, 3), labels], metric_learning,
         [{"half": False, "squareTerms": False, "average": "nonZeroPerKind", **options}])


def mined_triplet(z, y, mining, margin, squared, smooth, violating, kind="plain"):
    d = matrix(z, kind)
    d = d**2 if squared else d
    terms = []
    for a in range(len(z)):
        positives = [p for p in range(len(z)) if p != a and y[p] == y[a]]
        negatives = [n for n in range(len(z)) if y[n] != y[a]]
        if not positives or not negatives:
            continue
        if mining == "hard":
            gaps = [max(d[a, p] for p in positives) - min(d[a, n] for n in negatives)]
        else:
            gaps = []
            for p in positives:
                beyond = [d[a, n] for n in negatives if d[a, n] > d[a, p]]
                gaps.append(d[a, p] - (min(beyond) if beyond else max(d[a, n] for n in negatives)))
        terms += [F.softplus(g + margin) if smooth else F.relu(g + margin) for g in gaps]
    terms = torch.stack(terms)
    return terms[terms > 0].mean() if violating else terms.mean()


for mining in ("hard", "semiHard"):
    for squared, smooth, violating in ((False, False, False), (True, True, False), (False, False, True)):
        case("batchTripletLoss", [uniform(7, 3), torch.tensor([0, 1, 0, 2, 1, 0, 1])],
             lambda z, y, m=mining, q=squared, s=smooth, v=violating: mined_triplet(z, y, m, 0.8, q, s, v),
             [{"mining": mining, "margin": 0.8, "squared": squared, "smooth": smooth,
               "average": "violating" if violating else "all"}])
case("batchTripletLoss", [uniform(6, 3), labels],
     lambda z, y: mined_triplet(z, y, "hard", 0.05, False, False, True, "unit"),
     [{"mining": "hard", "squared": False, "normalize": True, "margin": 0.05, "average": "violating"}])


def nt_xent(a, b, temperature, reduction="mean"):
    z = F.normalize(torch.cat([a, b]), dim=1)
    scores = (z @ z.T / temperature).fill_diagonal_(-math.inf)
    n = len(a)
    return F.cross_entropy(scores, torch.cat([torch.arange(n, 2 * n), torch.arange(n)]), reduction=reduction)


case("ntXentLoss", [uniform(4, 3), uniform(4, 3)], lambda a, b: nt_xent(a, b, 0.5), (), 2)
case("ntXentLoss", [uniform(3, 3), uniform(3, 3)], lambda a, b: nt_xent(a, b, 0.1, "none"),
     [{"temperature": 0.1, "reduction": "none"}], 10)
case("ntXentLoss", [uniform(3, 2), uniform(3, 2)],
     lambda a, b: F.cross_entropy((torch.cat([a, b]) @ torch.cat([a, b]).T).fill_diagonal_(-math.inf),
                                  torch.tensor([3, 4, 5, 0, 1, 2])), [{"temperature": 1, "normalize": False}])


def sup_con(z, y, temperature, factor=1.0, exclude=False, normalize=True):
    z = F.normalize(z, dim=1) if normalize else z
    s = z @ z.T / temperature
    losses = []
    for i in range(len(z)):
        positives = [p for p in range(len(z)) if p != i and y[p] == y[i]]
        if not positives:
            continue
        others = [a for a in range(len(z)) if a != i]
        negatives = [a for a in range(len(z)) if y[a] != y[i]]
        per = []
        for p in positives:
            competitors = negatives + [p] if exclude else others
            per.append(torch.logsumexp(s[i, competitors], 0) - s[i, p])
        losses.append(torch.stack(per).mean())
    return torch.stack(losses).mean() * factor


classes = torch.tensor([3, 7, 3, 3, 7, 9])
case("supConLoss", [uniform(6, 3), classes], lambda z, y: sup_con(z, y, 0.1), (), 10)
case("supConLoss", [uniform(6, 3), classes], lambda z, y: sup_con(z, y, 0.5, 0.5 / 0.07),
     [{"temperature": 0.5, "baseTemperature": 0.07}], 2 / 0.07)
case("supConLoss", [uniform(6, 3), classes], lambda z, y: sup_con(z, y, 0.5, 1, True),
     [{"temperature": 0.5, "denominator": "otherPositivesExcluded"}], 2)
case("supConLoss", [uniform(6, 2), classes], lambda z, y: sup_con(z, y, 1, 1, False, False),
     [{"temperature": 1, "normalize": False}])
case("supConLoss", [uniform(3, 2, 4), torch.tensor([5, 8, 5])],
     lambda z, y: sup_con(z.reshape(6, 4), y.repeat_interleave(2), 0.2), [{"temperature": 0.2}], 5)
case("supConLoss", [uniform(4, 3), torch.tensor([0, 1, 0, 1]), learned], lambda z, y, t: sup_con(z, y, t) * t / 0.07,
     [{"temperature": {"input": 2}, "baseTemperature": 0.07}], 2.5 / 0.07)
case("supConLoss", [uniform(3, 2), torch.arange(3)], lambda z, y: (z * 0).sum(), [{"onEmpty": "zero"}])
case("supConLoss", [uniform(1, 2), torch.arange(1)], lambda z, y: (z * 0).sum(), [{"onEmpty": "zero"}])


# Offsets and floors of 1; a different pair that coincides; no rows; one class.
case("contrastiveLoss", [uniform(4, 2), uniform(4, 2), pairs[:4]],
     lambda a, b, y: general_contrastive((a - b + 1).norm(dim=1), y == 1, 3).mean(), [{"eps": 1, "margin": 3}])
case("contrastiveLoss", [uniform(4, 2), uniform(4, 2), pairs[:4]],
     lambda a, b, y: general_contrastive(((a - b) ** 2).sum(1).clamp(min=1).sqrt(), y == 1, 3).mean(),
     [{"floor": 1, "margin": 3}])
case("contrastiveLoss", [close, close.clone(), pairs[:4]],
     lambda a, b, y: general_contrastive((a - b).norm(dim=1), y == 1).mean())
case("batchTripletLoss", [uniform(0, 2), torch.arange(0)], lambda z, y: (z * 0).sum(), [{"onEmpty": "zero"}])
for mining in ("hard", "semiHard"):
    case("batchTripletLoss", [uniform(3, 2), torch.zeros(3, dtype=torch.long)], lambda z, y: (z * 0).sum(),
         [{"mining": mining, "onEmpty": "zero"}])


def mutual(local, glob, estimator, temperature=1.0, reduce=True):
    n, d = glob.shape
    places = local.shape[1] if local.dim() == 3 else 1
    scores = local.reshape(n * places, d) @ glob.T / temperature
    own = torch.arange(n).repeat_interleave(places)
    is_own = own[:, None] == torch.arange(n)[None]
    if estimator == "infoNCE":
        loss = F.cross_entropy(scores, own, reduction="none")
        return loss.mean() if reduce else loss.reshape(n, places)
    if estimator == "jsd":
        return F.softplus(-scores[is_own]).mean() + F.softplus(scores[~is_own]).mean()
    negative = scores[~is_own]
    return torch.logsumexp(negative, 0) - math.log(negative.numel()) - scores[is_own].mean()


for estimator in ("infoNCE", "jsd", "dv"):
    for shape in ((4, 3), (3, 2, 3)):
        case("mutualInformationLoss", [uniform(*shape), uniform(shape[0], 3)],
             lambda a, b, e=estimator: mutual(a, b, e, 0.5), [{"estimator": estimator, "temperature": 0.5}], 2)
case("mutualInformationLoss", [uniform(3, 2, 3), uniform(3, 3)], lambda a, b: mutual(a, b, "infoNCE", 1, False),
     [{"reduction": "none"}])
case("mutualInformationLoss", [uniform(3, 2, 3), uniform(3, 3)],
     lambda a, b: mutual(F.normalize(a, dim=-1), F.normalize(b, dim=-1), "jsd"), [{"estimator": "jsd", "normalize": True}])
case("mutualInformationBound", [uniform(4, 3), uniform(4, 3)], lambda a, b: math.log(4) - mutual(a, b, "infoNCE"))
case("mutualInformationBound", [uniform(4, 3), uniform(4, 3)], lambda a, b: -mutual(a, b, "dv"), [{"estimator": "dv"}])

for args in ((), [{"l2": 0.2}]):
    weight = args[0]["l2"] if args else 0.002
    case("nPairLoss", [uniform(4, 3), uniform(4, 3)],
         lambda a, p, w=weight: F.cross_entropy(a @ p.T, torch.arange(4)) + w / 4 * ((a**2).sum(1) + (p**2).sum(1)).mean(), args)

# Windows of images: with gaps, overlapping, beyond the border, and one that is the image itself.
for kernel, stride, padding in ((3, 1, 1), ((2, 3), (2, 1), (1, 0)), (2, 3, 0), (1, 1, 0), (1, 3, 1)):
    options = {"kernelSize": kernel, "stride": stride, "padding": padding}
    torch_options = {"kernel_size": kernel, "stride": stride, "padding": padding}
    image = uniform(2, 3, 5, 6)
    case("unfold", [image], lambda x, o=torch_options: F.unfold(x, **o), [options])
    columns = torch.rand_like(F.unfold(image, **torch_options))
    case("fold", [columns], lambda x, o=torch_options: F.fold(x, (5, 6), **o), [{"outputSize": [5, 6], **options}])
case("unfold", [uniform(1, 2, 4, 4)], lambda x: F.unfold(x, 2), [{"kernelSize": 2}])
case("fold", [uniform(2, 8, 4)], lambda x: F.fold(x, (4, 4), 2, stride=2), [{"outputSize": 4, "kernelSize": 2, "stride": 2}])

versions = {"torch": torch.__version__, "python": platform.python_version()}
assert all(math.isfinite(v) for c in cases for v in c["float64"]["out"])
print(json.dumps({"versions": versions, "cases": cases}))
