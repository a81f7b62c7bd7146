"""What the authors of the data sets published, and who has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """A file, bit for bit; `size` is in bytes."""

    name: str
    size: int
    sha256: str


Files = tuple[Published, Published]  # images, labels


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set in the format of MNIST, whose files have the same names in all of them.

    Attributes
    ----------
    name, folder
        What it is called, and the folder that it is kept in.
    mirrors
        Addresses that a file's name is appended to, the first one first.
    splits
        Its files by split.
    first_labels
        By split, what tells it from the others.
    """

    name: str
    folder: str
    mirrors: tuple[str, ...]
    splits: dict[str, Files]
    first_labels: dict[str, list[int]]


def _files(prefix: str, images: tuple[int, str], labels: tuple[int, str]) -> Files:
    return (
        Published(f"{prefix}-images-idx3-ubyte.gz", *images),
        Published(f"{prefix}-labels-idx1-ubyte.gz", *labels),
    )


MNIST = DataSet(
    name="MNIST",
    folder="mnist",
    # Not yann.lecun.com, where it was published: that has it no more.
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    splits={
        "train": _files(
            "train",
            (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        ),
        "test": _files(
            "t10k",
            (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ),
    },
    first_labels={"train": [5, 0, 4, 1, 9, 2, 1, 3, 1, 4], "test": [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]},
)

FASHION_MNIST = DataSet(
    name="Fashion-MNIST",
    folder="fashion-mnist",
    # Both are the authors' own. The second one has no https, which the hashes make up for.
    mirrors=(
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    splits={
        "train": _files(
            "train",
            (26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            (29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        ),
        "test": _files(
            "t10k",
            (4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            (5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ),
    },
    first_labels={"train": [9, 0, 0, 3, 0, 2, 7, 2, 5, 5], "test": [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]},
)
