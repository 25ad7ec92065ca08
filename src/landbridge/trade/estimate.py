"""Gravity by Poisson pseudo-maximum likelihood (Santos Silva and Tenreyro 2006) with pyfixest, an optional
package."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from landbridge.errors import Fault, MissingExtra, StudyFault


@dataclass(frozen=True)
class Estimate:
    """Coefficients and standard errors by variable, the number of observations used, and how it was
    estimated."""

    coefficients: dict[str, float]
    standard_errors: dict[str, float]
    observations: int
    formula: str


def gravity(
    frame: pd.DataFrame,
    trade: str,
    variables: Sequence[str],
    fixed_effects: Sequence[str],
    cluster: Sequence[str] = (),
) -> Estimate:
    """Estimate trade = exp(variables + fixed effects), zeros included, standard errors robust or clustered.

    `frame` one row for each pair (and year), `trade` the column of flows, `fixed_effects` columns such as
    exporter and importer. MissingExtra without pyfixest (pip install 'landbridge[estimate]'); StudyFault if
    a column is missing.
    """
    wanted = [trade, *variables, *fixed_effects, *cluster]
    missing = [c for c in wanted if c not in frame.columns]
    if missing:
        raise StudyFault(
            [
                Fault(
                    "gravity data",
                    "columns",
                    f"no column {', '.join(missing)}",
                    ", ".join(frame.columns),
                    "name columns of the data",
                )
            ]
        )
    try:
        pyfixest: Any = importlib.import_module("pyfixest")
    except ImportError as error:
        raise MissingExtra("pyfixest", "estimate") from error
    formula = f"{trade} ~ {' + '.join(variables)} | {' + '.join(fixed_effects)}"
    errors: Any = {"CRV1": "+".join(cluster)} if cluster else "hetero"
    fit = pyfixest.fepois(formula, data=frame, vcov=errors, fixef_tol=1e-10, iwls_tol=1e-10)
    return Estimate(
        {str(k): float(v) for k, v in fit.coef().items()},
        {str(k): float(v) for k, v in fit.se().items()},
        int(fit._N),
        formula,
    )
