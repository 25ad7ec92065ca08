"""The world before the change: trade shares, input-output links, tariffs, deficits.

Axis order everywhere in this room: `[sector, importer, exporter]` for pairs, `[country, sector]` for
countries, `io[country, input sector, output sector]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landbridge.errors import Fault, StudyFault

F = NDArray[np.float64]


def frozen(values: ArrayLike) -> F:
    """A read-only float64 copy."""
    array = np.array(values, dtype=np.float64, order="C")
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Baseline:
    """The base year of the multi-sector model (S sectors, N countries), all money in one unit.

    `share[s, n, i]` part of what importer n spends on sector s that goes to exporter i, tariff included;
    rows sum to 1. `io[n, k, s]` part of the cost of output s in n that is input k; `va_share[n, s]` the
    rest. `final_share[n, s]` final spending. `value_added[n]`, `deficit[n]` (imports less exports, sums to
    0), `tariff[s, n, i]` ad valorem, `expenditure[n, s]` on final and intermediate goods with tariff,
    `theta[s]`.
    """

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    share: F
    io: F
    va_share: F
    final_share: F
    value_added: F
    deficit: F
    tariff: F
    expenditure: F
    theta: F

    def __post_init__(self) -> None:
        """Freeze the arrays; StudyFault with everything that does not fit."""
        for name in (
            "share",
            "io",
            "va_share",
            "final_share",
            "value_added",
            "deficit",
            "tariff",
            "expenditure",
            "theta",
        ):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        faults = _faults(self)
        if faults:
            raise StudyFault(faults)

    def flows(self) -> F:
        """Trade values without tariff, home sales included, [sector, importer, exporter], money of the
        baseline."""
        return self.share * self.expenditure.T[:, :, None] / (1.0 + self.tariff)

    def income(self) -> F:
        """Final spending of each country: value added + tariff revenue + deficit [N]."""
        income: F = self.value_added + (self.flows() * self.tariff).sum(axis=(0, 2)) + self.deficit
        return income

    def with_theta(self, theta: ArrayLike) -> Baseline:
        """The same data with other trade elasticities [s]."""
        return replace(self, theta=frozen(theta))

    def gap(self) -> float:
        """How far the data are from an equilibrium of the model: largest gap in a goods or labour market,
        relative.

        Zero for a table made by `landbridge.trade.hat.solve(...).rebased()`.
        """
        sales = self.flows().sum(axis=1).T
        spending = self.final_share * self.income()[:, None] + np.einsum("nks,ns->nk", self.io, sales)
        wages = (self.va_share * sales).sum(axis=1)
        total = np.maximum(self.expenditure.sum(axis=1), 1e-300)
        goods = np.abs(spending - self.expenditure).sum(axis=1) / total
        return float(max(goods.max(), np.abs(wages / np.maximum(self.value_added, 1e-300) - 1.0).max()))

    def index(self, code: str) -> int:
        """Position of a country; StudyFault if it is not in the table."""
        if code not in self.countries:
            raise StudyFault(
                [
                    Fault(
                        "trade baseline",
                        "countries",
                        f"no economy '{code}'",
                        ", ".join(self.countries),
                        "use one of the economies of the baseline",
                    )
                ]
            )
        return self.countries.index(code)


def _faults(b: Baseline) -> list[Fault]:
    n, s = len(b.countries), len(b.sectors)
    shapes = {
        "share": (s, n, n),
        "io": (n, s, s),
        "va_share": (n, s),
        "final_share": (n, s),
        "value_added": (n,),
        "deficit": (n,),
        "tariff": (s, n, n),
        "expenditure": (n, s),
        "theta": (s,),
    }
    faults: list[Fault] = []
    for name, shape in shapes.items():
        array: F = getattr(b, name)
        if array.shape != shape:
            faults.append(Fault("trade baseline", name, f"shape {array.shape}", f"{shape}", "axis order: see Baseline"))
        elif not np.isfinite(array).all():
            faults.append(Fault("trade baseline", name, "a value that is not finite", "finite numbers", "fill it in"))
        elif name not in {"deficit", "tariff", "io"} and (array < 0).any():
            faults.append(Fault("trade baseline", name, f"{array.min():g}", "≥ 0", "remove the negative values"))
    if faults:
        return faults
    checks = (
        ("share", np.abs(b.share.sum(axis=2) - 1).max(), "rows that sum to 1"),
        ("io", np.abs(b.io.sum(axis=1) + b.va_share - 1).max(), "inputs and value added that sum to 1"),
        ("final_share", np.abs(b.final_share.sum(axis=1) - 1).max(), "rows that sum to 1"),
        ("deficit", abs(b.deficit.sum()) / b.value_added.sum(), "a sum of 0 over the world"),
    )
    for name, off, allowed in checks:
        if off > 1e-6:
            faults.append(Fault("trade baseline", name, f"off by {off:.1e}", allowed, "rescale; `calibrate` does"))
    if (b.theta <= 0).any() or (b.value_added <= 0).any():
        faults.append(Fault("trade baseline", "theta, value_added", "zero", "> 0", "leave such a row out"))
    if (b.tariff <= -1).any():
        faults.append(Fault("trade baseline", "tariff", f"{b.tariff.min():g}", "> -1", "give a share of the price"))
    return faults


def calibrate(
    flows: ArrayLike,
    io: ArrayLike,
    va_share: ArrayLike,
    theta: ArrayLike,
    *,
    tariff: ArrayLike | None = None,
    deficits: bool = True,
    countries: Sequence[str] = (),
    sectors: Sequence[str] = (),
) -> Baseline:
    """A Baseline from bilateral flows and cost shares, as Caliendo and Parro (2015, section 4) do.

    `flows[s, n, i]` sales of i to n without tariff, home sales on the diagonal; `io[n, k, s]` and
    `va_share[n, s]` cost shares (they are rescaled to sum to 1); `tariff[s, n, i]` (default none). Final
    spending is what is left of expenditure after intermediate use; a negative rest is set to 0 and the
    shares are rescaled. With `deficits=False` the deficits are dropped: solve once without a shock and go
    on from `.rebased()`. A market with no sales at all is given to the home country (its share is 1, its
    spending 0).

    >>> import numpy as np
    >>> b = calibrate(np.full((1, 2, 2), 5.0), np.zeros((2, 1, 1)), np.ones((2, 1)), [4.0])
    >>> b.value_added, b.gap() < 1e-12
    (array([10., 10.]), True)
    """
    flow = np.array(flows, dtype=np.float64)
    s, n, _ = flow.shape
    duty = np.zeros_like(flow) if tariff is None else np.array(tariff, dtype=np.float64)
    own = np.arange(n)
    duty[:, own, own] = 0.0
    gross = flow * (1.0 + duty)
    spending = gross.sum(axis=2)
    share = np.divide(gross, spending[:, :, None], out=np.zeros_like(gross), where=spending[:, :, None] > 0)
    empty_s, empty_n = np.nonzero(spending <= 0)
    share[empty_s, empty_n, empty_n] = 1.0
    inputs, labor = np.array(io, dtype=np.float64), np.array(va_share, dtype=np.float64)
    labor[inputs.sum(axis=1) + labor <= 0] = 1.0  # no production here: any cost structure will do
    total = inputs.sum(axis=1) + labor
    inputs, labor = inputs / total[:, None, :], labor / total
    sales = flow.sum(axis=1).T
    value_added = (labor * sales).sum(axis=1)
    final = np.maximum(spending.T - np.einsum("nks,ns->nk", inputs, sales), 0.0)
    final_share = final / final.sum(axis=1, keepdims=True)
    deficit = flow.sum(axis=(0, 2)) - flow.sum(axis=(0, 1)) if deficits else np.zeros(n)
    return Baseline(
        tuple(countries) or tuple(f"c{i + 1}" for i in range(n)),
        tuple(sectors) or tuple(f"s{i + 1}" for i in range(s)),
        share,
        inputs,
        labor,
        final_share,
        value_added,
        deficit - deficit.mean(),
        duty,
        spending.T,
        frozen(theta),
    )
