"""What networks are made of: images to learn, states of them, and connectomes.

MNIST and Fashion-MNIST are as they were published: what is on disk is read from there; what is not
is downloaded, once.
"""

from attractornet.datasets._bipolar import bipolar
from attractornet.datasets._connectome import Connectome, load_connectome
from attractornet.datasets._digits import load_digits
from attractornet.datasets._mnist import LabelledImages, load_fashion_mnist, load_mnist
from attractornet.datasets._resize import resize

__all__ = [
    "Connectome",
    "LabelledImages",
    "bipolar",
    "load_connectome",
    "load_digits",
    "load_fashion_mnist",
    "load_mnist",
    "resize",
]
