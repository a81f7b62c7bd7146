"""The paper's small CNN in front of a Wilson-Cowan network, MNIST, end to end (appendix A.1).

python bench/train_cnn.py 0               # seed; goes on from bench/runs where it was stopped

Two stages, as in the paper: first the CNN alone learns to make the pattern of an image's class,
then the network behind it learns with it. Fewer epochs than the paper's 35 and 70, in larger
batches, and the cross-entropy of the class probabilities in the second.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from attractornet import datasets
from attractornet.torch import WilsonCowan
from training_tables import HERE, RESULTS

STAGES = (("alone", 5, 50), ("with the network", 10, 200))  # epochs and batch of each
RATE, STEPS = 5e-4, 35


def cnn() -> nn.Sequential:
    """Appendix A.1."""
    block = [nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3), *block, nn.Conv2d(32, 32, 3), *block, nn.Flatten()),
        *(nn.Linear(800, 2048), nn.ReLU(), nn.BatchNorm1d(2048)),
        *(nn.Linear(2048, 1024), nn.ReLU(), nn.BatchNorm1d(1024)),
        *(nn.Linear(1024, 784), nn.ReLU()),
    )


class Classifier(nn.Module):
    """The CNN, and the network that its output is the start of."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.front = cnn()
        self.network = WilsonCowan(784, 10, steps=STEPS, coupling="spectral", seed=seed)

    def loss(self, stage: int, images: Tensor, labels: Tensor) -> Tensor:
        """Of the CNN alone the square to the pattern; else cross-entropy of where states end."""
        start = self.front(images)
        if stage == 0:
            return torch.mean((start - self.network.targets[labels]) ** 2)
        q = self.network.probabilities(self.network(start))
        return nn.functional.nll_loss(q.log(), labels)

    @torch.no_grad()
    def accuracy(self, images: Tensor, labels: Tensor, steps: int | None = None) -> float:
        """Share of the right classes, of a run of the network's steps or of others."""
        self.eval()
        model = self.network.to_model()
        right = 0
        for x, y in zip(images.split(1000), labels.split(1000), strict=True):
            start = self.front(x).numpy()
            run = model.network.integrate(start, steps=steps or model.steps, threads=1)
            apart = ((run.x[:, None] - model.targets) ** 2).sum(axis=2)
            right += int((apart.argmin(axis=1) == y.numpy()).sum())
        self.train()
        return right / len(images)


def tensors(split: str) -> tuple[Tensor, Tensor]:
    """Images (n, 1, 28, 28) from 0 to 1, and labels."""
    loaded = datasets.load_mnist(split)
    images = torch.from_numpy(loaded.images.astype(np.float32) / 255)
    return images[:, None], torch.from_numpy(loaded.labels.astype(np.int64))


def epochs() -> Iterator[tuple[int, int, int, int]]:
    """Number, stage, epoch of the stage, batch."""
    number = 0
    for stage, (_, count, batch) in enumerate(STAGES):
        for epoch in range(count):
            yield number, stage, epoch, batch
            number += 1


def groups(model: Classifier) -> list[dict[str, object]]:
    """Parameters with their rates: the network's are those of `attractornet train`."""
    network = model.network
    return [
        {"params": list(model.front.parameters())},
        {"params": [network.phi, network.gamma], "lr": 0.01},
        {"params": [network.eigenvalues], "lr": 0.2 / network.to_model().scale},
    ]


def main(seed: int) -> None:
    """Train one, and write its report."""
    torch.set_num_threads(1)
    images, labels = tensors("train")
    model = Classifier(seed)
    optimiser = torch.optim.Adam(groups(model), lr=RATE, betas=(0.9, 0.99))
    last = sum(count for _, count, _ in STAGES)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, last)
    file, history = HERE / "runs" / f"cnn-s{seed}.pt", []
    if file.exists():
        state = torch.load(file, weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        history = state["history"]
    for number, stage, epoch, batch in epochs():
        if number < len(history):
            continue
        started, total = time.perf_counter(), 0.0
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(number))
        for rows in order.split(batch):
            loss = model.loss(stage, images[rows], labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(rows)
        schedule.step()
        history.append([stage, epoch, total / len(images), time.perf_counter() - started])
        file.parent.mkdir(exist_ok=True)
        torch.save(
            {
                "model": model.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "history": history,
            },
            file,
        )
        print(f"{STAGES[stage][0]}: epoch {epoch + 1}, loss {total / len(images):.4g}", flush=True)
    images, labels = tensors("test")
    report = {
        "data": "mnist",
        "seed": seed,
        "epochs": " + ".join(str(count) for _, count, _ in STAGES),
        "accuracy": model.accuracy(images, labels),
        "long_accuracy": model.accuracy(images, labels, 400),
        "gamma": model.network.gamma.item(),
        "command": f"python bench/train_cnn.py {seed}",
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"mnist-cnn-s{seed}.json").write_text(json.dumps(report, indent=1) + "\n")
    print(report)


if __name__ == "__main__":
    main(int(sys.argv[1]))
