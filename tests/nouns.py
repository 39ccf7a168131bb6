"""Hypothesis strategies for every noun of the wire, made from the types themselves."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from rdchem.messages import ENTERPRISE_KINDS
from rdchem.model.listener import ListenerEvent
from rdchem.model.message import Message
from rdchem.model.source import Reading

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
INSTANTS = st.datetimes(
    datetime(2000, 1, 3),  # noqa: DTZ001 - the zone is drawn
    datetime(2099, 12, 29),  # noqa: DTZ001
    timezones=st.sampled_from(
        [UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-11, minutes=-30))]
    ),
)
AREA = "320623"


def nouns(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Any message of one kind, all of it within what the types allow."""
    return _of(inspect.type_info(kind))


def messages() -> st.SearchStrategy[Message]:
    """Any message of any enterprise kind."""
    return st.one_of([nouns(kind) for kind in ENTERPRISE_KINDS.values()])


def events() -> st.SearchStrategy[ListenerEvent]:
    """Anything a listener may say of itself."""
    return nouns(ListenerEvent)


def _of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.Metadata():
            return _of(kind.type)
        case inspect.StructType():
            return _struct(kind)
        case inspect.UnionType():
            return st.one_of([_of(one) for one in kind.types])
        case inspect.ListType():
            return st.lists(_of(kind.item_type), min_size=kind.min_length or 0, max_size=3)
        case inspect.StrType(pattern=str(pattern)):
            return st.from_regex(pattern.removesuffix(r"(?![\s\S])"), fullmatch=True)
        case inspect.StrType():
            return st.text(LETTERS, min_size=kind.min_length or 0, max_size=min(kind.max_length or 30, 30))
        case inspect.IntType():
            return st.integers(
                -(2**53) if kind.ge is None else kind.ge, 2**53 if kind.le is None else kind.le
            )
        case inspect.FloatType():
            least = (0.001 if kind.gt == 0 else None) if kind.ge is None else kind.ge
            return st.floats(least, kind.le, allow_nan=False, allow_infinity=False)
        case inspect.EnumType():
            return st.sampled_from(list(kind.cls))
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.DateTimeType():
            return INSTANTS
        case inspect.DateType():
            return st.dates(date(2000, 1, 2), date(2099, 12, 30))
    raise NotImplementedError(kind)


def _struct(kind: inspect.StructType) -> st.SearchStrategy[Any]:
    fields = {field.name: _of(field.type) for field in kind.fields}
    if kind.cls is Reading:  # an array: a float that is whole comes back as an int's float
        return st.builds(Reading, **fields)
    needed = {field.name: fields[field.name] for field in kind.fields if field.required}
    optional = {name: one for name, one in fields.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=optional).map(lambda values: kind.cls(**values))
