"""Who opens and who blocks: consent that is restricted, losses of the corridor, ties, and the words made from them."""

from __future__ import annotations

import json
from datetime import date

import mini
import numpy as np
import pandas as pd
import pytest

from landbridge import study
from landbridge.appraisal.games import game
from landbridge.appraisal.keys import keys_of, opened_gates
from landbridge.appraisal.power import power_table
from landbridge.chain import key_cards
from landbridge.claims import Verdict, judge
from landbridge.conditions import book, hs, tables
from landbridge.conditions.law import Opening
from landbridge.conditions.openness import OpenBasis, build_world, gate_closed
from landbridge.conditions.unlock import Group, Keys, unlock_table
from landbridge.conditions.verdict import Answer
from landbridge.gas.law import gates_now, questions
from landbridge.politics import politics_stage
from landbridge.report.html import block_html
from landbridge.report.page import Figure
from landbridge.report.sections.appraisal import power
from landbridge.report.sections.conditions import section
from landbridge.result import ResultTable
from landbridge.schema.demand import Claim
from landbridge.schema.gas import GasLawQuestion
from landbridge.schema.words import Effect, GateKind, State
from landbridge.session import Session
from landbridge.stages import Found
from landbridge.unlocking import GateValue

KOREA = study.read("korea")
HELD = book.load(KOREA)
CONSENT = [g.id for g in HELD.gates.gates.values() if g.kind is GateKind.CONSENT]
THROUGH = "open_through_way_cargos"


@pytest.mark.parametrize("gate", CONSENT)
@pytest.mark.parametrize("basis", [OpenBasis.OPEN_ONLY, OpenBasis.AS_OPERATED])
def test_restricted_consent_bars_whoever_holds_it(gate: str, basis: OpenBasis) -> None:
    corridor = HELD.scenarios["corridor"]
    left = build_world(HELD, corridor.without(frozenset({gate})), frozenset(), territory="PRK")
    assert left.states[gate] is State.RESTRICTED
    objects = {o for b in HELD.gates.bindings if b.gate == gate for o in b.objects}
    assert objects and objects <= gate_closed(left, ["84"], "KOR", "RUS", basis)
    opened = build_world(HELD, corridor, frozenset(), territory="PRK")
    assert not objects & gate_closed(opened, ["84"], "KOR", "RUS", basis)


def test_restricted_is_said_to_pass_where_it_does() -> None:
    on = {s.gate.id: s.to_json() for s in book.gates(KOREA, date(2018, 6, 1))}
    assert {g: on[g]["passable"] for g in ("G-UNC", "G-CONSENT-PRK", "G-GAUGE", "G-SEC")} == {
        "G-UNC": False, "G-CONSENT-PRK": False, "G-GAUGE": True, "G-SEC": None}


def test_losses_are_those_of_the_corridor() -> None:
    table = tables.unlock_by_ways(KOREA, "observed-2018-06-01")
    loss = {r.label: r.loss[THROUGH] for r in table.rows if r.group is Group.SINGLE}
    assert loss["G-UNC"] == loss["G-CONSENT-PRK"] == -table.whole(THROUGH) < 0
    assert loss["G-UN-TRANSIT"] < 0
    opened = HELD.scenarios["corridor"].states_on()
    assert all(loss[g] == 0 for g in HELD.gates.gates if g not in opened)
    whole = table.row(Group.ALL, "all")
    assert whole is not None and whole.loss[THROUGH] == -table.whole(THROUGH)


def test_ties_share_their_places() -> None:
    worth = {"a": 99.5, "b": 100.0, "c": 40.0, "d": 0.0}

    def left(kept: frozenset[str]) -> dict[str, float]:
        return {"usd": 100.0 - max((worth[g] for g in kept), default=0.0)}

    table = unlock_table(list(worth), {g: Keys([g]) for g in worth}, lambda opened: {"usd": 0.0}, left)
    assert [r.label for r in table.worst_blockers("usd")] == ["b", "a"]
    assert [table.blocking_rank(g, "usd") for g in ("a", "b", "c", "d")] == [(1, 2), (1, 2), (3, 3), (4, 4)]
    assert table.blocking_rank("e", "usd") is None


def test_who_opens_alone_is_the_same_in_law_and_in_the_game() -> None:
    gates, bodies = keys_of(KOREA)
    for state in tables.holders_of(HELD):
        assert set(HELD.gates.opened_by(state)) == opened_gates(frozenset({state}), gates, bodies)
    assert HELD.gates.opened_by("RUS") == ()  # every gate Russia can stop has another holder, or is the Council's
    assert set(HELD.gates.opened_by("USA")) == {"G-UNC", "G-US-2ND"}


@pytest.mark.parametrize("scenario", ["", *HELD.scenarios])
def test_gas_law_and_gas_gates_agree(scenario: str) -> None:
    """While a legal gate of the pipeline is closed, no answer about goods it governs is free of its prohibitions."""
    gates, answers = gates_now(KOREA, scenario), {a.id: a for a in questions(KOREA, scenario)}
    asked = 0
    for q in KOREA.rows(GasLawQuestion):
        for b in HELD.gates.bindings:
            opening = Opening(b.gate, b.measures, b.scope, b.origin_in, b.origin_not, b.destination_in,
                              b.destination_not)
            if b.gate not in gates or gates[b.gate].state != "closed" or not opening.holds(q.origin, q.destination) \
                    or hs.cover(b.scope, q.hs) is not hs.Cover.WHOLE:
                continue
            bans = [m for m in HELD.gates.bound_measures(b.gate) if m.effect is Effect.PROHIBIT
                    and m.activity.value == q.activity.value]
            if bans:
                asked += 1
                assert answers[q.id].answer == Answer.PROHIBITED.words, (scenario, q.id, b.gate)
    assert asked or scenario in {"observed-2017", "article-2018", "sanctions-lifted-no-road"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Found:
    small = study.read(str(mini.make(tmp_path_factory.mktemp("unlock") / "small")))
    session, found = Session(small), Found()
    about = small.config.corridor
    assert about is not None
    politics_stage(session, about, GateValue(session, about), found)
    return found


def test_claims_about_russia_and_the_united_states(stage: Found) -> None:
    by_id = {v.id: v for v in judge(KOREA.rows(Claim), stage.values, stage.ranges)}
    assert by_id["K3"].value == 0 and by_id["K3"].verdict is Verdict.CONTRADICTED
    assert by_id["K11"].verdict is Verdict.UNDETERMINED  # a tie
    assert by_id["K11"].low == 1 < by_id["K11"].high


def test_the_table_by_routing_blames_both_consents(stage: Found) -> None:
    table = stage.tables["unlock"]
    single = table.frame[table.frame["group"] == "gate"].set_index("opened")["loss_gain_musd_per_year"]
    assert single["G-UNC"] == single["G-CONSENT-PRK"] == pytest.approx(single.min(), rel=0.01)
    assert single["G-UN-TRANSIT"] < 0
    (title, text, _), = key_cards(stage, date(2018, 6, 1))
    assert "UN Command" in title and "DPRK" in title and title.endswith("each block most.")
    assert text.startswith("Left as it was on 1 June 2018, any of them takes")
    for part in ("Left as it was, ", "UN Command consent", "added by those it can open alone", "USD a year"):
        assert part in table.note
    assert "gain musd" not in table.note and "+0." not in table.note


def unlock_frame(*rows: tuple[str, str, float, float]) -> Found:
    columns = ["group", "title", "gain_gain_musd_per_year", "loss_gain_musd_per_year"]
    found = Found()
    found.tables["unlock"] = ResultTable("unlock", "", pd.DataFrame([*rows], columns=columns))
    return found


def test_headline_of_one_gate_and_of_none() -> None:
    whole = ("all gates", "all", 100.0, -100.0)
    one = key_cards(unlock_frame(("gate", "A", 0.0, -80.0), ("gate", "B", 2.0, -70.0), whole), date(2020, 1, 31))
    assert one[0][0] == "A blocks most."
    assert one[0][1].startswith("Left as it was on 31 January 2020, it takes 80 of the 100 million USD a year")
    assert one[0][1].endswith("Opened alone, B adds most, 2.0.")
    none = key_cards(unlock_frame(("gate", "A", 0.0, 0.0), whole), date(2020, 1, 31))
    assert none[0][0] == "No single gate blocks." and "no gate adds anything" in none[0][1]
    assert key_cards(Found(), date(2020, 1, 31)) == []


def test_section_speaks_in_titles(stage: Found) -> None:
    page = section(stage.tables)
    gates = stage.tables["gates"].frame
    for state, n in gates["state"].value_counts().items():
        assert f"{n} {str(state).replace('_', ' ')}" in page.lead
    assert "Munsan-Panmun railway (Gyeongui line) for 356 days" in page.lead and "crossed" not in page.lead
    options = {b.id: json.loads(b.option_json()) for b in page.blocks if isinstance(b, Figure)}
    for axis in ([*options["gate-calendar"]["yAxis"]["data"], *options["unlock"]["yAxis"]["data"]]):
        assert axis in set(gates["title"])
    assert all("RUS" not in x and "PRK" not in x for x in options["law-grid"]["xAxis"]["data"])
    assert options["unlock"]["xAxis"]["name"] == "million USD a year"
    gain, loss = (np.array(s["data"]) for s in options["unlock"]["series"])
    assert len(loss) and ((gain != 0) | (loss != 0)).all() and (np.diff(loss) >= 0).all()
    shown = "".join(block_html(b) for b in page.blocks)
    assert "COOPERATE:" not in shown and "gain gain" not in shown and "G-MDL-W-RAIL=" not in shown


def test_near_vetoes_are_named_together_and_rounding_is_nothing() -> None:
    # C adds nothing; A blocks 100, B 99.5 and D 50 of 100
    players, values = ("CHN", "PRK", "USA", "RUS"), np.zeros(16)
    for mask in range(16):
        _, a, b, d = (bool(mask >> i & 1) for i in range(4))
        values[mask] = a * (100.0 * (b and d) + 50.0 * (b and not d) + 0.5 * (not b))
    table = power_table(game(players, values), "power_keys", "Keys", "million USD a year")
    frame = table.frame.set_index("player")
    assert frame["veto"].to_dict() == {"CHN": False, "PRK": True, "USA": True, "RUS": False}
    assert frame.loc["CHN", "nucleolus"] == 0 and "99 % or more" in table.note
    page = power({"power_keys": table})
    assert page.lead == "Keys: North Korea and United States can each block 99 % or more of 100 million USD a year."
    figure = next(b for b in page.blocks if isinstance(b, Figure))
    assert json.loads(figure.option_json())["yAxis"]["data"] == ["Russia", "United States", "North Korea", "China"]
