"""What both Pythons share: a request a line comes in, its answer goes out as a line of JSON."""
import json
import sys
import time

import numpy as np


def cut(request):
    """The arrays of a workload, in the order in which they were written."""
    flat = np.fromfile(request["numbers"], dtype=np.float32)
    if request["kind"] == "matmul":
        shapes = [[request["n"]] * 2] * 2
    else:
        size, hidden, out = request["sizes"]
        rows = [request["batch"], size]
        shapes = [[hidden, size], [hidden], [out, hidden], [out]]
        shapes += [rows, rows, [request["batch"]]] * request["pool"]
    starts = np.cumsum([0] + [int(np.prod(shape)) for shape in shapes])
    return [flat[start : start + int(np.prod(shape))].reshape(shape) for start, shape in zip(starts, shapes)]


def take_turns(version, prepare):
    """`prepare(request, arrays)` gives a step, told its number, and a function that reads a result as a list."""

    def answer(value):
        print(json.dumps(value), flush=True)

    answer({"version": version})
    for line in sys.stdin:
        request = json.loads(line)
        if "kind" in request:
            step, read = prepare(request, cut(request))
            done = 0
            answer({})
            continue
        start = time.perf_counter()
        for _ in range(request["count"]):
            result = step(done)
            done += 1
        figures = read(result)
        answer({"seconds": time.perf_counter() - start, "figures": figures})
