"""Values of the appraisal's own known answers: sums of published costs, and a cash flow with a closed form."""

from __future__ import annotations

from landbridge.appraisal.benefits import capex_by_length
from landbridge.appraisal.profitability import benefit_cost_ratio, irr, npv
from landbridge.schema.appraisal import LineCost, Sector
from landbridge.study import Study

ANNUITY = (-100.0, *[12.0] * 25)  # -100 now, then 12 a year for 25 years


def known_values(study: Study) -> dict[str, float]:
    """Indicator to value, for known_answers.csv: capital cost of the inter-Korean lines, and the annuity.

    >>> from landbridge import study
    >>> found = known_values(study.read("korea"))
    >>> round(found["capex_inter_korean_total_tn_krw"], 3), round(found["irr_annuity_pct"], 4)
    (43.656, 11.1451)
    """
    years = range(len(ANNUITY))
    gains, costs = [max(x, 0.0) for x in ANNUITY], [max(-x, 0.0) for x in ANNUITY]
    rate = irr(ANNUITY).rate
    values = {f"npv_annuity_{pct}pct": float(npv(pct / 100, ANNUITY, years, 0)) for pct in (6, 9, 12)}
    values |= {"irr_annuity_pct": float("nan") if rate is None else rate * 100,
               "bcr_annuity_9pct": benefit_cost_ratio(gains, costs, 0.09, years, 0)}
    lines = study.rows(LineCost)
    if lines:
        rail = sum(_bn_krw(x) for x in lines if x.group is Sector.RAIL)
        values |= {"capex_inter_korean_rail_tn_krw": rail / 1000,
                   "capex_inter_korean_total_tn_krw": sum(_bn_krw(x) for x in lines) / 1000}
    return values


def _bn_krw(line: LineCost) -> float:
    if line.amount_bn_krw is not None or line.length_km is None or line.cost_bn_krw_per_km is None:
        return line.amount_bn_krw or 0.0
    return float(capex_by_length(line.length_km, line.cost_bn_krw_per_km, line.work_share))
