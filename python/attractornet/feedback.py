"""Feedback networks: the family's public names, and the networks that its article published.

The article is A. Korsakova, "Attractors in Neural Network Circuits: Beauty and Chaos" (Towards
Data Science, 2025), after J. C. Sprott, "Artificial neural net attractors" (Computers & Graphics
22, 143, 1998).
"""

from __future__ import annotations

from dataclasses import dataclass

from attractornet._core import FeedbackNetwork, OriginStability

__all__ = [
    "CONTRAST",
    "PICTURE_DISCARD",
    "PICTURE_STEPS",
    "PUBLISHED",
    "FeedbackNetwork",
    "OriginStability",
    "PublishedNetwork",
]


@dataclass(frozen=True, slots=True)
class PublishedNetwork:
    """A network that others can draw again from four numbers.

    Attributes
    ----------
    name
        What the article calls it, which is not always what it is.
    neurons, inputs, scale, seed
        Arguments of `FeedbackNetwork.random`.
    printed_lambda
        The number that the article prints as its Lyapunov exponent: `one_step_stretch`, rounded,
        and not a Lyapunov exponent. None where nothing was printed.
    """

    name: str
    neurons: int
    inputs: int
    scale: float
    seed: int
    printed_lambda: float | None = None

    def network(self) -> FeedbackNetwork:
        """Draw the network, bit for bit the article's."""
        return FeedbackNetwork.random(
            neurons=self.neurons, inputs=self.inputs, scale=self.scale, seed=self.seed
        )


PUBLISHED = (
    PublishedNetwork("limit cycle", 4, 32, 0.22, 174658140, -3.65),
    PublishedNetwork("toroidal", 4, 32, 0.55, 3160697950, -0.20),
    PublishedNetwork("strange", 4, 16, 1.4, 174658140, 0.32),
)
"""The three networks of the article, under its own names; all three are quasi-periodic."""

CONTRAST = PublishedNetwork("contrast", 4, 16, 6.0, 174658140)
"""Not in the article: its "strange" network at a larger scale, which is chaotic."""

PICTURE_STEPS = 100_000
"""Length of the orbits in the article's pictures."""

PICTURE_DISCARD = 1_000
"""Length of the transient before them."""
