"""Fixed points by Anderson mixing with restart (Anderson 1965; Walker and Ni 2011)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]


REACH = 10.0  # a mixed step that goes further than this from the plain image is not trusted (log units)


@dataclass(frozen=True)
class FixedPoint:
    """Where the iteration ended: the last point, its residual (largest change of one sweep) and why it
    stopped."""

    x: F
    residual: float
    sweeps: int
    converged: bool
    reason: str


def fixed_point(step: Callable[[F], F], start: F, depth: int, tolerance: float, max_sweeps: int) -> FixedPoint:
    """Solve x = step(x); the last `depth` differences are mixed, and forgotten when the residual doubles.

    A point that is not finite is never accepted: the history is dropped and the sweep starts again from the
    best point known, half way to its own image.

    >>> import numpy as np
    >>> fixed_point(np.cos, np.array([1.0]), 5, 1e-12, 50).x.round(6)
    array([0.739085])
    """
    x, best, best_error = start, start, np.inf
    dx: list[F] = []
    df: list[F] = []
    image_before = change_before = None
    error_before, rescues = np.inf, 0
    for sweep in range(1, max_sweeps + 1):
        with np.errstate(all="ignore"):  # what is not finite is caught below
            image = step(x)
        change = image - x
        error = float(np.abs(change).max()) if np.isfinite(image).all() else np.inf
        if error < tolerance:
            return FixedPoint(image, error, sweep, True, "")
        if not np.isfinite(error):
            rescues += 1
            if rescues > 5 or not np.isfinite(best_error):
                return FixedPoint(best, best_error, sweep, False, "the sweep left the finite numbers")
            dx.clear()
            df.clear()
            x, image_before, change_before, error_before = best, None, None, np.inf
            with np.errstate(all="ignore"):
                x = x + 0.5 * (step(x) - x)
            continue
        if error < best_error:
            best, best_error = x, error
        following = image
        if image_before is not None and change_before is not None:
            dx.append(image - image_before)
            df.append(change - change_before)
            if len(df) > depth:
                del dx[0], df[0]
            if error > 2.0 * error_before:
                dx.clear()
                df.clear()
            elif df:
                mixed = image - _weights(np.array(df), change) @ np.array(dx)
                if np.isfinite(mixed).all() and np.abs(mixed - image).max() < REACH:
                    following = mixed
        image_before, change_before, error_before = image, change, error
        x = following
    return FixedPoint(best, best_error, max_sweeps, False, f"{max_sweeps} sweeps, residual {best_error:.1e}")


def _weights(differences: F, change: F) -> F:
    """Least-squares weights of the remembered differences, by their normal equations with a touch of
    ridge."""
    gram = differences @ differences.T
    gram[np.diag_indices_from(gram)] *= 1.0 + 1e-10
    return np.asarray(np.linalg.lstsq(gram, differences @ change, rcond=1e-13)[0], dtype=np.float64)
