"""Images that networks learn: MNIST and Fashion-MNIST as they were published, and states of them.

What is on disk is read from there; what is not is downloaded, once.
"""

from attractornet.datasets._bipolar import bipolar
from attractornet.datasets._mnist import LabelledImages, load_fashion_mnist, load_mnist

__all__ = ["LabelledImages", "bipolar", "load_fashion_mnist", "load_mnist"]
