"""The paper's baseline: a perceptron with one hidden layer of 764 tanh units and a softmax.

python bench/train_mlp.py mnist 0         # data, seed

As many epochs as our networks get, batches of 200, Adam with scikit-learn's rate of 1e-3.
"""

from __future__ import annotations

import json
import sys
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from attractornet import datasets
from training_tables import RESULTS

EPOCHS = {"mnist": 52, "fashion": 35}
LOADERS = {"mnist": datasets.load_mnist, "fashion": datasets.load_fashion_mnist}


def main(data: str, seed: int) -> None:
    """Train one, and write its report."""
    splits = [LOADERS[data](split) for split in ("train", "test")]
    x, test = [(each.images.reshape(-1, 784) / 255).astype(np.float32) for each in splits]
    model = MLPClassifier(
        (764,),
        activation="tanh",
        alpha=0.0,
        batch_size=200,
        max_iter=EPOCHS[data],
        n_iter_no_change=EPOCHS[data],
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # as many epochs as were meant
        model.fit(x, splits[0].labels)
    report = {
        "data": data,
        "seed": seed,
        "epochs": model.n_iter_,
        "accuracy": model.score(test, splits[1].labels),
        "command": f"python bench/train_mlp.py {data} {seed}",
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    file = RESULTS / f"{data}-mlp-s{seed}.json"
    file.write_text(json.dumps(report, indent=1) + "\n")
    print(report)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
