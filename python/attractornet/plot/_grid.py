"""Images side by side, in rows with names: what pictures of states share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from attractornet.plot._common import QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Of the longer side of an image: the space beside it, and below it, where the count stands.
_BESIDE, _BELOW = 0.12, 0.3
_INCHES, _MOST_INCHES = 1.25, 14.0  # of the longer side of an image, and of the figure


class Grid(NamedTuple):
    """Where images lie, in units of their longer side; y grows downwards."""

    height: float
    width: float

    @staticmethod
    def of(height: int, width: int) -> Grid:
        longer = max(height, width)
        return Grid(height / longer, width / longer)

    def corner(self, row: float, column: float) -> tuple[float, float]:
        return column * (self.width + _BESIDE), row * (self.height + _BELOW)

    def extent(self, row: int, column: int) -> tuple[float, float, float, float]:
        left, top = self.corner(row, column)
        return left, left + self.width, top + self.height, top


def figure_size(shape: tuple[int, int], rows: int, columns: int) -> tuple[float, float]:
    """Width and height, in inches, of a figure for so many images of a shape."""
    width, height = Grid.of(*shape).corner(rows, columns)
    scale = min(_INCHES, _MOST_INCHES / max(width, height))
    return max(3.0, scale * width + 1.0), max(1.5, scale * height + 0.5)


def draw_row(ax: Axes, grid: Grid, row: int, images: NDArray[Any], **colours: Any) -> None:
    """Draw images (images, height, width) beside each other."""
    for column, image in enumerate(images):
        ax.imshow(
            image,
            extent=grid.extent(row, column),
            interpolation="antialiased",  # averages what is finer than a pixel
            **colours,
        )
        _frame(ax, grid.extent(row, column))


def _frame(ax: Axes, extent: tuple[float, float, float, float]) -> None:
    """A thin frame, so that a bright image does not melt into the page."""
    from matplotlib.patches import Rectangle

    left, right, bottom, top = extent
    ax.add_patch(
        Rectangle((left, top), right - left, bottom - top, fill=False, color=QUIET, linewidth=0.5)
    )


def fit_grid(ax: Axes, grid: Grid, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Limits, and names of rows and columns in place of numbers."""
    right, bottom = grid.corner(len(rows), len(columns))
    ax.set(xlim=(-0.02, right - _BESIDE + 0.02), ylim=(bottom, -0.02), aspect="equal")
    ax.set_anchor("NW")  # where the names are: a layout leaves them room as if nothing shrank
    across = [grid.corner(0, each)[0] + 0.5 * grid.width for each in range(len(columns))]
    down = [grid.corner(each, 0)[1] + 0.5 * grid.height for each in range(len(rows))]
    ax.set_xticks(across, labels=list(columns))
    ax.set_yticks(down, labels=list(rows))
    ax.tick_params(length=0.0, labelsize="small", top=False, labeltop=True, labelbottom=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
