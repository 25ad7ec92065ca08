"""From words to a Shipment: codes, dates and names as typed, all faults at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import TypeVar

import iso3166

from landbridge.conditions import hs
from landbridge.conditions.book import Conditions, load
from landbridge.conditions.shipment import Shipment
from landbridge.errors import Fault, StudyFault
from landbridge.schema.conditions import Way
from landbridge.schema.words import Activity, Effect, ShipFact
from landbridge.study import Study

T = TypeVar("T")


@dataclass
class _Asked:
    """Reads one option after the other and keeps the faults."""

    faults: list[Fault] = field(default_factory=list)

    def read(self, option: str, text: str | None, reader: Callable[[str], T], allowed: str, default: T) -> T:
        if not text:
            return default
        try:
            return reader(text)
        except (ValueError, KeyError) as error:
            found = str(error.args[0]) if isinstance(error, ValueError) and error.args else f"'{text}'"
            self.faults.append(Fault("question", option, found, allowed, f"correct {option}"))
            return default

    def pick(self, option: str, name: str, known: Iterable[str], what: str) -> bool:
        names = list(known)
        if name in names:
            return True
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        cure = f"did you mean '{near[0]}'?" if near else f"take one of {what}"
        self.faults.append(Fault("question", option, f"'{name}'", ", ".join(names), cure))
        return False


def shipment(
    study: Study, *, on: str, origin: str, destination: str, hs: str = "", way: str = "", exit_port: str = "",
    activity: str = "trade", bound: str = "", contract: str = "", used: bool = False, approvals: tuple[str, ...] = (),
    flag: str = "", ship: tuple[str, ...] = (), last_call: str = "", as_of: str = "",
) -> Shipment:
    """The question as it is typed at the command line; StudyFault lists everything wrong with it.

    `way` is a name or alias of ways.csv, or ids of network objects or ISO-3 codes in order, joined by commas or
    semicolons. A way that ends at a port gives the exit port if the destination lies beyond it.

    >>> from landbridge import study
    >>> s = shipment(study.read("korea"), on="2018-06-01", hs="2701", origin="RUS", destination="CHN",
    ...              way="khasan-rajin")
    >>> s.exit_port, s.states
    ('KPNJN', ('RUS', 'PRK'))
    """
    held = load(study)
    asked = _Asked()
    day = "a date as YYYY-MM-DD"
    blank: date | None = None
    when = asked.read("--on", on, date.fromisoformat, day, date.min)
    start = asked.read("--origin", origin, country, "an ISO 3166 alpha-3 code", "")
    end = asked.read("--destination", destination, country, "an ISO 3166 alpha-3 code", "")
    code = asked.read("--hs", hs, _code, "2 to 10 digits, such as 2701", "")
    doing = asked.read("--activity", activity, Activity, ", ".join(a.value for a in Activity), Activity.TRADE)
    states, territories, objects, port = _way(held, way, asked)
    ends_at = port if port and _beyond(held, port, end) else ""
    port, port_country = _port(held, exit_port or ends_at, objects, end, asked)
    parties = asked.read("--bound", bound, _bound, "UN or ISO-3 codes, such as RUS,CHN or UN", None)
    facts = frozenset(f for f in (asked.read("--ship", x, ShipFact, ", ".join(ShipFact), None) for x in ship) if f)
    exempt = [r.measure.id for r in held.law.rules if r.measure.effect is Effect.EXEMPT]
    named = tuple(a for a in approvals if asked.pick("--approval", a, exempt, "the decisions of measures.csv"))
    found = Shipment(
        on=when, origin=start, destination=end, hs=code, activity=doing, states=states,
        territories=territories | _lines(held, states), exit_port=port, port_country=port_country, bound=parties,
        contract=asked.read("--contract", contract, date.fromisoformat, day, blank), used=used, approvals=named,
        flag=asked.read("--flag", flag, country, "an ISO 3166 alpha-3 code", ""), ship=facts,
        last_call=asked.read("--last-call", last_call, date.fromisoformat, day, blank),
        as_of=asked.read("--as-of", as_of, date.fromisoformat, day, study.config.study.as_of),
    )
    if asked.faults:
        raise StudyFault(asked.faults)
    return found


def country(text: str) -> str:
    """The ISO-3 code of a country as typed (alpha-2, alpha-3 or name); KeyError where there is none.

    >>> country("kp"), country("RUS")
    ('PRK', 'RUS')
    """
    return iso3166.countries.get(text.strip()).alpha3


def _code(text: str) -> str:
    return hs.normalise(text)


def _bound(text: str) -> frozenset[str] | None:
    names = [t.strip().upper() for t in text.replace(";", ",").split(",") if t.strip()]
    return frozenset(n if n in {"UN", "EU"} else country(n) for n in names)


def _lines(held: Conditions, states: tuple[str, ...]) -> frozenset[str]:
    """The areas on the borders between neighbours of a way, such as a demarcation line."""
    return frozenset[str]().union(*(held.lines.get(frozenset(p), frozenset()) for p in pairwise(states)))


def _way(held: Conditions, text: str, asked: _Asked) -> tuple[tuple[str, ...], frozenset[str], tuple[str, ...], str]:
    if not text:
        return (), frozenset(), (), ""
    named: dict[str, Way] = {}
    for way in held.ways:
        for name in (way.id, *way.aliases):
            named[name] = way
    crossings = {c.id: (c.country_a, c.country_b) for c in held.crossings}
    links = {x.id: tuple(dict.fromkeys((x.from_country, x.to_country))) for x in held.links}
    terminals = {t.id: (t.country,) for t in held.terminals}
    bound = {o: w for w in held.ways for o in w.objects}
    states: list[str] = []
    territories: frozenset[str] = frozenset()
    objects: list[str] = []
    port = ""
    for part in (p.strip() for p in text.replace(";", ",").split(",") if p.strip()):
        if part.lower() in named:
            way = named[part.lower()]
            states += [s for s in way.states if s != "SEA"]
            territories |= frozenset(way.territories)
            objects += way.objects
            port = way.exit_port or port
        elif part in crossings or part in links or part in terminals:
            states += crossings.get(part) or links.get(part) or terminals[part]
            objects.append(part)
        elif part in bound:
            states += bound[part].states
            objects.append(part)
        else:
            try:
                states.append(country(part))
            except KeyError:
                asked.pick("--way", part.lower(), [*named, "ids of crossings, links and terminals"], "ways.csv")
    return tuple(dict.fromkeys(states)), territories, tuple(objects), port


def _beyond(held: Conditions, port: str, destination: str) -> bool:
    """Whether the destination lies beyond a port, so that the way goes on by ship."""
    return all(p.country != destination for p in held.ports if p.locode == port)


def _port(held: Conditions, text: str, objects: tuple[str, ...], destination: str, asked: _Asked) -> tuple[str, str]:
    """UN/LOCODE and country of the exit port, named outright or by a port terminal on the way."""
    if not text:
        last = [p for p in held.ports if p.terminal in objects and p.country != destination]
        return (last[-1].locode, last[-1].country) if last else ("", "")
    name = text.strip().upper().replace(" ", "")
    for p in held.ports:
        if name in {p.locode, p.terminal}:
            return p.locode, p.country
    if len(name) == 5 and name[:2] in iso3166.countries_by_alpha2:
        return name, iso3166.countries_by_alpha2[name[:2]].alpha3
    asked.pick("--exit-port", name, [p.locode for p in held.ports], "ports.csv, or any UN/LOCODE")
    return "", ""


def known_scenario(study: Study, name: str) -> str:
    """The name of a scenario of the study, as given; StudyFault with the nearest name where there is none."""
    asked = _Asked()
    if name and not asked.pick("--scenario", name, load(study).scenarios, "scenarios.csv"):
        raise StudyFault(asked.faults)
    return name
