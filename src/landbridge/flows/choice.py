"""Choice between ways: nested logit and path-size logit on generalised cost, over ragged sets of
alternatives.

Alternatives are rows; `group` says which choice situation (an OD pair and a cargo) a row belongs to, `nest`
which nest. With disutility V = scale * f(cost) + constant - path_size_weight * ln(path size), f(cost) = cost
or ln(cost), and the dissimilarity λ of each nest,

    P(a | nest) = exp(-V_a / λ) / Σ exp(-V_b / λ),   I = λ ln Σ exp(-V_b / λ),   P(nest) = exp(I) / Σ exp(I)

(McFadden 1978, Modelling the choice of residential location; Ben-Akiva and Lerman 1985, ch. 10). λ = 1
everywhere is the multinomial logit. An alternative of infinite cost is not available; a group without any
has share 0 everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

import numpy as np
from scipy import sparse

from landbridge.flows._choice_kernels import add_slopes
from landbridge.flows._types import F64, I32, I64


class Form(Enum):
    """How cost enters: as it is (differences decide) or by its logarithm (ratios decide)."""

    LINEAR = auto()
    LOG = auto()


@dataclass(frozen=True)
class Sets:
    """Alternatives by row: group 0..groups-1 and nest of each (a nest number means one nest in every group)."""

    group: I32
    nest: I32
    groups: int

    @staticmethod
    def of(group: I32, nest: I32 | None = None, groups: int | None = None) -> Sets:
        """Sets of alternatives; without nests each group is one nest."""
        group = np.asarray(group, np.int32)
        nest = np.zeros(len(group), np.int32) if nest is None else np.asarray(nest, np.int32)
        return Sets(group, nest, groups if groups is not None else int(group.max(initial=-1)) + 1)

    @cached_property
    def cell(self) -> tuple[I32, I32, I32]:
        """Cell (nest within group) of each row, and group and nest number of each cell."""
        width = int(self.nest.max(initial=0)) + 1
        key, cell = np.unique(self.group.astype(np.int64) * width + self.nest, return_inverse=True)
        return cell.astype(np.int32), (key // width).astype(np.int32), (key % width).astype(np.int32)

    @cached_property
    def by_cell(self) -> I64:
        """Rows of groups with a choice, in the order of their cells, those of one group together."""
        order: I64 = np.argsort(self.cell[0], kind="stable")
        return order[(np.bincount(self.group, minlength=self.groups) > 1)[self.group[order]]]


@dataclass(frozen=True)
class Logit:
    """Parameters: scale per unit of f(cost), form, dissimilarity by nest number (1 where not given), path
    size weight.
    """

    scale: float
    form: Form = Form.LINEAR
    dissimilarity: tuple[float, ...] = ()
    path_size_weight: float = 1.0

    def __post_init__(self) -> None:
        """Scale must be positive and λ in (0, 1], else shares rise with cost."""
        if not self.scale > 0 or not np.isfinite(self.scale):
            raise ValueError(f"scale must be positive, found {self.scale}")
        if not all(0 < d <= 1 for d in self.dissimilarity):
            raise ValueError(f"dissimilarities must be in (0, 1], found {self.dissimilarity}")

    def nest_dissimilarity(self, nest: I32) -> F64:
        """λ of each of some nest numbers."""
        known = np.ones(max(int(nest.max(initial=0)) + 1, len(self.dissimilarity)))
        known[: len(self.dissimilarity)] = self.dissimilarity
        return known[nest]


@dataclass(frozen=True)
class Shares:
    """Share of each alternative in its group and logsum of each group in units of V (inf where nothing is
    available).
    """

    share: F64
    within: F64  # share of the alternative in its nest
    disutility: F64
    logsum: F64

    def logsum_cost(self, logit: Logit) -> F64:
        """The logsum as an equivalent cost: that of a single alternative as good as the whole set."""
        per_scale = self.logsum / logit.scale
        return per_scale if logit.form is Form.LINEAR else np.exp(per_scale)


def shares(cost: F64, sets: Sets, logit: Logit, constant: F64 | None = None,
           path_size: F64 | None = None) -> Shares:
    """Shares of the alternatives at the given costs (any unit; inf is not available; LOG needs costs above
    0).

    >>> two = Sets.of(np.array([0, 0]))
    >>> shares(np.array([10.0, 10.0 + np.log(3)]), two, Logit(1.0)).share.round(6)
    array([0.75, 0.25])
    """
    v = logit.scale * (cost if logit.form is Form.LINEAR else _log(cost))
    if constant is not None:
        v = v + constant
    if path_size is not None:
        v = v - logit.path_size_weight * np.log(path_size)
    if np.isnan(v).any():
        raise ValueError("a cost, constant or path size is not a number")
    cell, cell_group, cell_nest = sets.cell
    lam = logit.nest_dissimilarity(cell_nest)
    low = np.full(len(cell_group), np.inf)
    np.minimum.at(low, cell, v)
    base = np.where(np.isfinite(low), low, 0.0)
    weight = np.exp((base[cell] - v) / lam[cell])
    total = np.bincount(cell, weights=weight, minlength=len(cell_group))
    with np.errstate(divide="ignore"):
        inclusive = lam * np.log(total) - base
    within = weight / np.where(total > 0, total, 1.0)[cell]
    high = np.full(sets.groups, -np.inf)
    np.maximum.at(high, cell_group, inclusive)
    top = np.where(np.isfinite(high), high, 0.0)
    nest_weight = np.exp(inclusive - top[cell_group])
    whole = np.bincount(cell_group, weights=nest_weight, minlength=sets.groups)
    nest_share = nest_weight / np.where(whole > 0, whole, 1.0)[cell_group]
    with np.errstate(divide="ignore"):
        logsum = -(np.log(whole) + top)
    return Shares(within * nest_share[cell], within, v, logsum)


def share_slopes(found: Shares, cost: F64, sets: Sets, logit: Logit, weight: F64,
                 left: sparse.csr_array, right: sparse.csr_array) -> F64:
    """left.T @ diag(weight) @ dP/dcost @ right, dense: how weighted flows on `left` answer to prices on
    `right`.

    dP_a/dV_b = -P_a [δ_ab / λ - (1/λ - 1) 1(same nest) P(b | nest) - P_b]. `weight` is by group (its demand).
    """
    cell, cell_group, cell_nest = sets.cell
    lam = logit.nest_dissimilarity(cell_nest)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.full(len(cost), logit.scale) if logit.form is Form.LINEAR else logit.scale / cost
    slope = np.where(np.isfinite(cost), slope, 0.0)  # dV/dcost
    priced = right.data * np.repeat(slope, np.diff(right.indptr))
    nest_weight = (1 / lam - 1) * np.bincount(cell, found.share, len(cell_group)) * weight[cell_group]
    out = np.zeros((left.shape[1], right.shape[1]))
    add_slopes(sets.by_cell, cell, sets.group, left.indptr, left.indices, left.data, right.indptr, right.indices,
               priced, -weight[sets.group] * found.share / lam[cell], found.within, found.share, nest_weight,
               weight, out)
    return out


def path_size(sets: Sets, incidence: sparse.csr_array, length: F64) -> F64:
    """Path size of each alternative: Σ over its links (l / L) / (number of the group's alternatives on the
    link).

    Ben-Akiva and Bierlaire 1999 (Handbook of Transportation Science). 1 for a way that shares nothing, 1/n
    for n equal ways. `incidence` is alternatives by links, `length` by link; an alternative without length
    has path size 1.

    >>> way = sparse.csr_array(np.array([[1, 1, 0], [1, 0, 1]]))
    >>> path_size(Sets.of(np.array([0, 0])), way, np.array([1.0, 1.0, 1.0]))
    array([0.75, 0.75])
    """
    used = sparse.coo_array(incidence)
    row, link = used.coords
    keep = used.data != 0
    row, link = row[keep], link[keep]
    _, inverse, count = np.unique(sets.group[row].astype(np.int64) * len(length) + link,
                                    return_inverse=True,
                                    return_counts=True)
    total = np.bincount(row, weights=length[link], minlength=len(sets.group))
    part = np.bincount(row, weights=length[link] / count[inverse], minlength=len(sets.group))
    return np.where(total > 0, part / np.where(total > 0, total, 1.0), 1.0)


def _log(cost: F64) -> F64:
    if (cost <= 0).any():
        raise ValueError("the logarithmic form needs costs above 0")
    return np.log(cost)
