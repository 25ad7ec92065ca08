"""The appraisal tables of the study and the faults they raise."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from landbridge import study
from landbridge.appraisal.known import known_values
from landbridge.errors import StudyFault
from landbridge.schema.appraisal import AppraisalParameter, PartyRate, Project, ProjectShare, ProjectState
from landbridge.schema.demand import KnownAnswer, Party


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str, str], list[str]]:
    """Replace a text in one table of a copy of the study; the faults that follow, as text."""
    folder = tmp_path / "copy"
    shutil.copytree(study.find("korea"), folder)

    def edit(file: str, old: str, new: str) -> list[str]:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(StudyFault) as caught:
            study.read(str(folder))
        return [str(f) for f in caught.value.faults]

    return edit


def test_study_has_projects_with_payers_rates_and_sources() -> None:
    korea = study.read("korea")
    projects = korea.rows(Project)
    assert {"tumen-road-bridge", "gas-line", "pyongra-repair", "gangneung-jejin-rail"} <= {p.id for p in projects}
    assert all(p.source and p.capex_musd_low <= p.capex_musd_high for p in projects)
    assert any(p.state is ProjectState.SUNK for p in projects)
    paying = {s.party for s in korea.rows(ProjectShare)}
    assert {"RUS", "PRK", "KOR"} == paying <= {r.party for r in korea.rows(PartyRate)}
    assert paying <= {p.id for p in korea.rows(Party)}
    rates = {p.id.value: (p.low, p.central, p.high) for p in korea.rows(AppraisalParameter)}
    assert rates["discount_rate_pct"] == (6.0, 9.0, 12.0)


def test_scf_and_serf_together_are_a_fault(edited: Callable[[str, str, str], list[str]]) -> None:
    row = "serf,factor,1,1.05,1.1,,x,2017,E,\n"
    faults = edited("appraisal_parameters.csv", "scf,factor", row + "scf,factor")
    assert len(faults) == 1 and "both conversion factors" in faults[0]


@pytest.mark.parametrize(("file", "old", "new", "says"), [
    ("projects.csv", "0.4; 0.6,0.004", "0.4; 0.5,0.004", "phasing sum to 0.9"),
    ("projects.csv", "TUMEN_APPR_RU", "TUMEN_APPROACH", "'TUMEN_APPROACH' is not declared"),
    ("project_shares.csv", "gas-line,payer,RUS,0.5", "gas-line,payer,RUS,0.4", "shares sum to 0.9"),
    ("project_shares.csv", "gas-line,owner", "gas-pipe,owner", "'gas-pipe' is not declared"),
    ("ownership.csv", "RAJIN,RUS,0.7", "RAJIN,RUS,0.6", "shares sum to 0.9"),
    ("party_rates.csv", "MNG,9", "LAO,9", "'LAO' is not declared"),
    ("appraisal_parameters.csv", "wait_years,years,3,5,10", "wait_years,years,6,5,10", "not in order"),
])
def test_faults_say_what_is_wrong(edited: Callable[[str, str, str], list[str]], file: str, old: str, new: str,
                                  says: str) -> None:
    assert any(says in fault for fault in edited(file, old, new))


def test_known_answers_of_the_appraisal_hold() -> None:
    """K13 and K16, from the study's own tables, within the tolerance the study states."""
    korea = study.read("korea")
    values = known_values(korea)
    answers = {k.id: k for k in korea.rows(KnownAnswer) if k.id[:3] in {"K13", "K16"}}
    assert {k.indicator for k in answers.values()} == values.keys()
    assert all(k.holds(values[k.indicator]) for k in answers.values())
    assert round(values["capex_inter_korean_rail_tn_krw"], 3) == 38.116


def test_a_line_cost_is_a_length_or_an_amount(edited: Callable[[str, str, str], list[str]]) -> None:
    assert any("not both" in f for f in edited("line_costs.csv", "412,35.5,0.9,,", "412,35.5,0.9,13163,"))
