# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Why a case cannot pass on some hardware, whatever the driver.

A case that is listed here is run all the same; when it passes, the list is wrong, and that
is a failure.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Reason:
    suite: str
    names: tuple        # of cases; empty: all
    why: str
    kinds: tuple = ("pf", "vf")
    places: tuple = ("model", "guest")
    families: tuple = ("82576", "i350", "82599", "x540", "x550")


REASONS = ()


def find(case, kind, rig):
    for reason in REASONS:
        if (case.suite == reason.suite and (not reason.names or case.name in reason.names) and
                kind in reason.kinds and rig.place in reason.places and
                rig.family in reason.families):
            return reason.why
    return None
