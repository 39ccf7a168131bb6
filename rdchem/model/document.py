"""The verdict as it leaves the house: `verdict.json`, `rdchem judge --format json`, schemas/verdict.json.

A reader may rely on what stands here for as long as `version` stays the same; a field may be added without
a new version, none is removed or changes its meaning.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from rdchem.decisions import Exemption, Override, Relief, Suppression

VERSION = 1


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no plain answer: a code for programs, a Chinese sentence for people."""

    code: str
    text: str


class LedgerLine(msgspec.Struct, frozen=True, kw_only=True):
    """One square of the coverage ledger. `reason` is null for pass, and for a fail that judged everything."""

    enterprise: str
    rule: str
    outcome: Literal["pass", "fail", "not_evaluated", "not_applicable"]
    reason: Reason | None


class FindingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it should be; a lead with its evidence, not a ruling."""

    key: Annotated[
        str,
        Meta(
            pattern="^F-[0-9a-f]{12}(?![\\s\\S])",
            description="stable over re-runs for rule, enterprise, subject, mismatch and day",
        ),
    ]
    rule: str
    enterprise: str
    subject: Annotated[str, Meta(description="kind:code, such as permit:DH-2026-0001")]
    mismatch: Annotated[str, Meta(description="the class of difference; each rule's docstring names its own")]
    severity: Literal["major", "considerable", "general", "low"]
    message: str
    evidence: Annotated[
        dict[str, Any],
        Meta(
            description="expected, actual, difference, and `journal`: the ids of every message it rests on; "
            "further facts by rule"
        ),
    ]
    basis: Annotated[str, Meta(description="candidate basis; an officer decides")]
    suppressed: Annotated[Suppression | None, Meta(description="the decision by which it rests for now")]


class AnnouncementVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an announcement as received: both clocks, and the record it is kept in."""

    journal_id: str
    id: str
    seq: int
    state: Literal["published", "withdrawn"]
    occurred_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    received_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


class AnnouncementLine(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one enterprise's announcement. `occurred_at` and `received_at` are those of the version
    that decides it; `late_s` by how many seconds it was late; `exemption` the decision it is exempt by.
    """

    enterprise: str
    state: Annotated[
        Literal[
            "not_due_yet",
            "on_time",
            "superseded",
            "sent_in_time_received_late",
            "late",
            "missing",
            "withdrawn",
            "exempt",
            "unknown_ours",
            "unknown_transport",
        ],
        Meta(description="superseded: in time, and announced anew; every version is listed"),
    ]
    blame: Literal["enterprise", "transport", "ours"] | None
    deadline: Annotated[str, Meta(extra_json_schema={"format": "date-time"})] | None
    occurred_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})] | None
    received_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})] | None
    late_s: float | None
    reason: Reason | None
    exemption: Exemption | None
    versions: list[AnnouncementVersion]


class ReliefLine(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which nothing that was not heard is held against an enterprise: who says so, and why.

    `by`: the listener's own record, the volume over all enterprises, or whoever decided. `enterprise` and
    `area` empty: all. `lossless`: what was said then reached us later. `open`: it lasts until the as-of.
    """

    begins_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    ends_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    whose: Literal["transport", "ours"]
    by: str
    reason: str
    decision: str | None
    enterprise: str
    area: str
    lossless: bool
    open: bool


class RuleLine(msgspec.Struct, frozen=True, kw_only=True):
    """A rule in force: its name, its statement in Chinese, its basis."""

    name: str
    title: str
    basis: str
    since: str
    until: str | None
    source: str
    may_be_suppressed: bool


class LimitLine(msgspec.Struct, frozen=True, kw_only=True):
    """A limit in force; `confirmed` false marks an assumption nobody could confirm."""

    name: str
    title: str
    value: str | float
    unit: str
    since: str
    until: str | None
    source: str
    confirmed: bool


class Rulebook(msgspec.Struct, frozen=True, kw_only=True):
    """What was judged by: rules, limits and decisions in force. `id` changes with any of it."""

    id: str
    rules: list[RuleLine]
    limits: list[LimitLine]
    overrides: list[Override]
    exemptions: list[Exemption]
    suppressions: list[Suppression]
    reliefs: list[Relief]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict of one business day as of one instant; the ledger has enterprises × rules lines."""

    version: Literal[1]
    day: Annotated[str, Meta(extra_json_schema={"format": "date"})]
    as_of: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    rulebook: Rulebook
    ledger: list[LedgerLine]
    findings: list[FindingLine]
    announcements: Annotated[
        list[AnnouncementLine],
        Meta(description="one line an enterprise, while the rule on announcements is in force"),
    ]
    reliefs: list[ReliefLine]
    notes: Annotated[list[str], Meta(description="what a reader must know first, such as our own outages")]
