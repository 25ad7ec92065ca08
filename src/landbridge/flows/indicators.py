"""Indicators of the flows room, under the names the field uses; pure functions of arrays and frames."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landbridge.flows.equilibrium import Equilibrium


def select_link(answer: Equilibrium, link: int) -> pd.DataFrame:
    """Select-link analysis: the OD pairs that use a link, with their volume on it and its share of the
    pair's demand.

    Columns origin, destination, volume (unit of the demand), share_of_pair; greatest volume first. Path
    flows of a user equilibrium are not unique, link volumes are: the pairs sum to the link's volume in every
    case.
    """
    paths = answer.paths
    uses = np.zeros(len(paths.flow), np.bool_)
    uses[np.repeat(np.arange(len(paths.flow)), np.diff(paths.first))[paths.links == link]] = True
    frame = pd.DataFrame({"origin": paths.origin, "destination": paths.destination, "pair_volume": paths.flow,
                          "volume": np.where(uses, paths.flow, 0.0)})
    summed = frame.groupby(["origin", "destination"], as_index=False).sum()
    summed = summed[summed["volume"] > 0].sort_values("volume", ascending=False, ignore_index=True)
    summed["share_of_pair"] = summed["volume"] / summed["pair_volume"]
    return summed.drop(columns="pair_volume")
