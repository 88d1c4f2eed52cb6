"""PyTorch trains an LSTM on the rows of digits; see :mod:`benchmarks.rows`. It imports nothing of deltarule."""

from __future__ import annotations

import json
import sys
from time import perf_counter, process_time

import numpy as np
import torch


class Rows(torch.nn.Module):
    """An LSTM over the rows, and a layer of outputs after the last of them."""

    def __init__(self, arrays: dict[str, np.ndarray], is_batch_first: bool) -> None:
        super().__init__()
        n = arrays["u"].shape[1]
        self.is_batch_first = is_batch_first
        self.lstm = torch.nn.LSTM(arrays["x"].shape[2], n, batch_first=is_batch_first)
        self.out = torch.nn.Linear(n, 10)
        order = np.r_[: 2 * n, 3 * n : 4 * n, 2 * n : 3 * n]  # PyTorch has g before o
        with torch.no_grad():
            self.lstm.weight_ih_l0.copy_(torch.from_numpy(arrays["w"][order]))
            self.lstm.weight_hh_l0.copy_(torch.from_numpy(arrays["u"][order]))
            self.lstm.bias_ih_l0.copy_(torch.from_numpy(arrays["b"][order]))
            self.lstm.bias_hh_l0.zero_()
            self.out.weight.copy_(torch.from_numpy(arrays["w_out"]))
            self.out.bias.copy_(torch.from_numpy(arrays["b_out"]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.float() / 255
        h, _ = self.lstm(x if self.is_batch_first else x.transpose(0, 1))
        return self.out(h[:, -1] if self.is_batch_first else h[-1])


def main() -> None:
    """Train some mini-batches for each line on the standard input, and print the seconds as JSON."""
    asked = json.loads(sys.argv[1])
    torch.set_num_threads(asked["threads"])
    with np.load(asked["file"]) as file:
        arrays = dict(file)
    x, y = torch.from_numpy(arrays["x"]), torch.from_numpy(arrays["y"].astype(np.int64))
    network = Rows(arrays, is_batch_first="batch first" in asked["form"])
    optimizer = torch.optim.SGD(network.parameters(), lr=asked["eta"])

    def find_cost(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(network(x), y)

    cost = torch.compile(find_cost) if "compiled" in asked["form"] else find_cost
    size, steps, at = asked["batch_size"], asked["steps"], 0
    for _ in sys.stdin:
        started, cpu = perf_counter(), process_time()
        for _ in range(steps):
            at = 0 if at + size > len(x) else at
            optimizer.zero_grad()
            cost(x[at : at + size], y[at : at + size]).backward()
            optimizer.step()
            at += size
        taken = perf_counter() - started, process_time() - cpu
        print(json.dumps([1000 * t / steps for t in taken]), flush=True)


if __name__ == "__main__":
    main()
