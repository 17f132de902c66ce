# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Cases, and how one run of them goes: each on PF and VF, in one testpmd for many."""

import dataclasses
import time
import traceback

import reasons
from port import Failed
from testpmd import Died, NotOffered, Refused

CASES = []

PASS, FAIL, NOT_OFFERED, IMPOSSIBLE = "pass", "fail", "not offered", "impossible"


@dataclasses.dataclass
class Case:
    suite: str
    name: str
    what: str
    run: object
    kinds: tuple        # of ports: pf, vf
    places: tuple       # model, sluiced, guest
    quick: tuple        # places where it is part of ./run test
    alone: bool         # leaves the testpmd in no state for others

    def title(self, kind):
        return f"{self.suite}: {self.name}, {kind.upper()}"


@dataclasses.dataclass
class Result:
    suite: str
    case: str
    what: str
    kind: str
    place: str
    family: str
    pmd: str
    verdict: str
    remark: str
    evidence: str       # of a failure: what the programs printed meanwhile
    seconds: float


def case(suite, kinds="pf vf", places="model guest", quick="", alone=False):
    """Makes a case of a function of a port; its first line of documentation says what it shows.

    quick: the places where ./run test has it; True: the model
    """
    quick = "model" if quick is True else quick
    def wrap(function):
        CASES.append(Case(suite, function.__name__.removeprefix(f"{suite}_"),
                          (function.__doc__ or "").strip().split("\n")[0], function,
                          tuple(kinds.split()), tuple(places.split()), tuple(quick.split()), alone))
        return function
    return wrap


class Session:
    """Runs cases on one kind of port of a rig."""

    def __init__(self, rig, kind, report):
        self._rig, self._kind, self._report = rig, kind, report
        self._port = None

    def run(self, cases):
        for one in cases:
            begin = time.monotonic()
            verdict, remark, evidence = self._judge(one)
            self._report(one, self._result(one, verdict, remark, evidence,
                                           time.monotonic() - begin))
        self._rig.stop()

    def _result(self, one, verdict, remark, evidence, seconds):
        reason = reasons.find(one, self._kind, self._rig)
        if reason is not None:
            if verdict == PASS:
                verdict, remark = FAIL, f"passes, though said to be impossible: {reason}"
            else:
                verdict, remark = IMPOSSIBLE, reason
        return Result(one.suite, one.name, one.what, self._kind, self._rig.place,
                      self._rig.family, self._rig.pmd, verdict, remark, evidence, round(seconds, 1))

    def _judge(self, one):
        """(verdict, remark, evidence); after a failure the next case gets a new testpmd."""
        self._rig.begin_evidence()
        evidence = ""
        try:
            if self._port is None:
                self._port = self._rig.start(self._kind)
                self._port.wait_for_link()
            try:
                verdict, remark = PASS, one.run(self._port) or ""
            except NotOffered as error:
                verdict, remark = NOT_OFFERED, str(error)
            if one.alone:
                self._end()
            else:
                self._port.restore()
        except (Failed, Refused, NotOffered, Died, OSError) as error:
            verdict, remark, evidence = FAIL, str(error), self._rig.evidence()
            self._end()
        except (LookupError, TypeError, ValueError) as error:
            # An answer that is not what a case can read.
            verdict, remark = FAIL, "".join(traceback.format_exception(error)[-2:])
            evidence = self._rig.evidence()
            self._end()
        return verdict, remark, evidence

    def _end(self):
        self._rig.stop()
        self._port = None
