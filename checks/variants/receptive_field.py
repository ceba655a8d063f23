"""Known right and wrong versions of `receptive_field`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy import ndimage, signal

from grader import right, slip

A = [[0, 0, 0], [1, 0, 0], [1, 1, 1]]
B = [[0, 0, 0], [1, 1, 0], [1, 1, 1]]


def explored(
    layers: Any, pixel: Any, shape: Any, *, sign: int = 1, walls: bool = True, wrap: bool = False
) -> Any:
    """Pixels reached by one step per layer from a pixel, in the order of `layers`."""
    reached = {tuple(pixel)}
    for layer in layers:
        steps = [(sign * (i - 1), sign * (j - 1)) for i in range(3) for j in range(3) if layer[i][j]]
        reached = {(p + a, q + b) for p, q in reached for a, b in steps}
        if wrap:
            reached = {(p % shape[0], q % shape[1]) for p, q in reached}
        if walls:
            reached = {(p, q) for p, q in reached if 0 <= p < shape[0] and 0 <= q < shape[1]}
    found = np.zeros(shape, dtype=bool)
    for p, q in reached:
        if 0 <= p < shape[0] and 0 <= q < shape[1]:
            found[p, q] = True
    return found


@right("nested lists of integers", of="mask")
def mask_as_lists(kind: Any) -> Any:
    return A if kind == "A" else B


@right("a bool tensor, filled in a loop", of="mask")
def mask_by_loop(kind: Any) -> Any:
    found = torch.zeros(3, 3, dtype=torch.bool)
    for i in range(1, 4):
        for j in range(1, 4):
            found[i - 1, j - 1] = i == 3 or (i == 2 and (j < 2 if kind == "A" else j <= 2))
    return found


@slip("the mask of a PixelCNN: the rows above instead of those below", of="mask")
def mask_above(kind: Any) -> Any:
    return np.array([[1, 1, 1], [1, int(kind == "B"), 0], [0, 0, 0]])


@slip("types A and B swapped", of="mask")
def mask_swapped(kind: Any) -> Any:
    return np.array(B if kind == "A" else A)


@slip("transposed: columns for rows", of="mask")
def mask_transposed(kind: Any) -> Any:
    return np.array(A if kind == "A" else B).T


@slip("the whole middle row is kept", of="mask")
def mask_middle_row(kind: Any) -> Any:
    return np.array([[0, 0, 0], [1, int(kind == "B"), 1], [1, 1, 1]])


@slip("the row below is left out", of="mask")
def mask_no_row_below(kind: Any) -> Any:
    return np.array([[0, 0, 0], [1, int(kind == "B"), 0], [0, 0, 0]])


@slip("the same mask for both types", of="mask")
def mask_same(kind: Any) -> Any:
    return np.array(A)


@right("sets of pixels, layer by layer", of="receptive_field")
def by_sets(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored(masks[::-1], pixel, shape).tolist()


@right("the gradient of the output pixel by autograd", of="receptive_field")
def by_gradient(masks: Any, pixel: Any, shape: Any) -> Any:
    x = torch.ones(1, 1, *shape, requires_grad=True)
    out = x
    for layer in masks:
        out = torch.nn.functional.conv2d(out, torch.as_tensor(layer).float()[None, None], padding=1)
    return torch.autograd.grad(out[0, 0, pixel[0], pixel[1]], x)[0][0, 0] != 0


@right("one input pixel at a time through SciPy's correlate2d", of="receptive_field")
def by_influence(masks: Any, pixel: Any, shape: Any) -> Any:
    found = np.zeros(shape, dtype=int)
    for i in range(shape[0]):
        for j in range(shape[1]):
            x = np.zeros(shape)
            x[i, j] = 1
            for layer in masks:
                x = signal.correlate2d(x, layer, mode="same")
            found[i, j] = x[pixel] > 0
    return found


@right("recursion from the last layer", of="receptive_field")
def by_recursion(masks: Any, pixel: Any, shape: Any) -> Any:
    found = np.zeros(shape, dtype=bool)

    def visit(depth: int, i: int, j: int) -> None:
        if not (0 <= i < shape[0] and 0 <= j < shape[1]):
            return
        if depth < 0:
            found[i, j] = True
            return
        for row, column in zip(*np.nonzero(masks[depth]), strict=True):
            visit(depth - 1, i + row - 1, j + column - 1)

    visit(len(masks) - 1, *pixel)
    return found


@right("binary dilation with the masks as structure", of="receptive_field")
def by_dilation(masks: Any, pixel: Any, shape: Any) -> Any:
    seen = np.zeros(shape, dtype=bool)
    seen[pixel] = True
    for layer in list(masks)[::-1]:
        seen = ndimage.binary_dilation(seen, structure=np.asarray(layer) > 0)
    return seen


@right("a matrix per layer, multiplied", of="receptive_field")
def by_matrices(masks: Any, pixel: Any, shape: Any) -> Any:
    size = shape[0] * shape[1]
    total = np.eye(size)
    for layer in masks:
        rows = [signal.correlate2d(e.reshape(shape), layer, mode="same").ravel() for e in np.eye(size)]
        total = np.array(rows).T @ total
    return (total[pixel[0] * shape[1] + pixel[1]] > 0).reshape(shape).astype(np.float32)


@slip("the kernel is flipped", of="receptive_field")
def flipped(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored(masks[::-1], pixel, shape, sign=-1)


@slip("only the first layer counts", of="receptive_field")
def first_layer(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored(masks[:1], pixel, shape)


@slip("only the last layer counts", of="receptive_field")
def last_layer(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored(masks[-1:], pixel, shape)


@slip("layers are united instead of composed", of="receptive_field")
def united(masks: Any, pixel: Any, shape: Any) -> Any:
    return np.any([explored([layer], pixel, shape) for layer in masks], axis=0)


@slip("only the first two layers count", of="receptive_field")
def two_layers(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored(masks[:2][::-1], pixel, shape)


@slip("layers in reverse order", of="receptive_field")
def reverse_order(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored(masks, pixel, shape)


@slip("paths through the border count", of="receptive_field")
def through_the_border(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored(masks[::-1], pixel, shape, walls=False)


@slip("the image wraps around at its border", of="receptive_field")
def torus(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored(masks[::-1], pixel, shape, wrap=True)


@slip(
    "the output pixels that the pixel influences, not the input pixels that influence it",
    of="receptive_field",
)
def forwards(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored(masks, pixel, shape, sign=-1)


@slip("the pixel is counted from 1", of="receptive_field")
def one_based(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored(masks[::-1], (pixel[0] - 1, pixel[1] - 1), shape, walls=False)


@slip("row and column of the pixel swapped", of="receptive_field")
def swapped_pixel(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored(masks[::-1], pixel[::-1], shape)


@slip("the masks are transposed", of="receptive_field")
def transposed(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored([np.transpose(layer) for layer in masks[::-1]], pixel, shape)


@slip("the masks are ignored: all of the 3 x 3 kernels", of="receptive_field")
def unmasked(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored([np.ones((3, 3))] * len(masks), pixel, shape)


@slip("the pixel itself always counts", of="receptive_field")
def with_itself(masks: Any, pixel: Any, shape: Any) -> Any:
    found = explored(masks[::-1], pixel, shape)
    found[pixel] = True
    return found


@slip("one layer too many: the last is applied twice", of="receptive_field")
def twice(masks: Any, pixel: Any, shape: Any) -> Any:
    return explored([masks[-1], *masks[::-1]], pixel, shape)


@slip("numbers of paths instead of true and false", of="receptive_field")
def counts(masks: Any, pixel: Any, shape: Any) -> Any:
    seen = np.zeros(shape)
    seen[pixel] = 1
    for layer in masks[::-1]:
        seen = signal.convolve2d(seen, layer, mode="same")
    return seen


@slip("works in place on its arguments: the list of masks is reversed", of="receptive_field")
def in_place(masks: Any, pixel: Any, shape: Any) -> Any:
    masks.reverse()
    return explored(masks, pixel, shape)
