"""The code lists of a platform: which cell text means what, as shipped and as a county writes them itself.

A county's own file (RDCHEM_PROFILE_FILE) has the form of `profile.yaml`; its lists add their texts to the
shipped ones, and a text listed there means what it says there. A list with `replaces: true` stands alone.
What a text may mean is fixed by the shipped lists: a meaning no rule knows is refused.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from rdchem.errors import ConfigurationError

_SHIPPED: Final = "profile.yaml"


class _List(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code list as written down."""

    title: str
    since: Any
    source: str
    values: dict[Any, list[str]]
    replaces: bool = False


@dataclass(frozen=True)
class Profile:
    """Code lists by name: normalised text -> meaning. `file`: the file to edit where a code is missing."""

    file: str
    lists: Mapping[str, Mapping[str, Any]]
    unnamed_gateway: str

    def choices(self, name: str) -> Mapping[str, Any]:
        """A code list."""
        return self.lists[name]


def profile_of(own: Path | None) -> Profile:
    """The profile in force: the shipped one, and a county's own laid over it.

    Raises ConfigurationError for a file that is none, or a list or meaning nobody knows.
    """
    return shipped() if own is None else _laid_over(own)


@cache
def shipped() -> Profile:
    """The profile that comes with rdchem."""
    document = _read(files(__package__).joinpath(_SHIPPED).read_text(encoding="utf-8"), _SHIPPED)
    gateway = str(next(iter(document["unnamed_gateway"].values)))
    return Profile(_SHIPPED, {name: _texts(one) for name, one in document.items()}, gateway)


@lru_cache(maxsize=65_536)
def plain_text(text: str) -> str:
    """A text without case, width, and surrounding blanks."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _laid_over(own: Path) -> Profile:
    try:
        text = own.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"读不了代码表 {own}(RDCHEM_PROFILE_FILE):{error}。") from error
    base = shipped()
    lists = dict(base.lists)
    meanings = _read(files(__package__).joinpath(_SHIPPED).read_text(encoding="utf-8"), _SHIPPED)
    for name, one in _read(text, str(own)).items():
        if name not in lists:
            known = "、".join(lists)
            raise ConfigurationError(f"代码表 {own} 中没有名为 {name} 的列表可补充;可补充的:{known}。")
        if unknown := one.values.keys() - meanings[name].values.keys():
            allowed = "、".join(map(str, meanings[name].values))
            told = "、".join(sorted(map(str, unknown)))
            raise ConfigurationError(f"代码表 {own} 的 {name} 中没有含义 {told};可用的:{allowed}。")
        lists[name] = _texts(one) if one.replaces else {**lists[name], **_texts(one)}
    return Profile(str(own), lists, base.unnamed_gateway)


def _read(text: str, where: str) -> dict[str, _List]:
    try:
        return msgspec.convert(yaml.safe_load(text), dict[str, _List])
    except (msgspec.ValidationError, yaml.YAMLError) as error:
        raise ConfigurationError(
            f"代码表 {where} 不可用:{error}。格式见 rdchem/platform/{_SHIPPED}。"
        ) from error


def _texts(one: _List) -> dict[str, Any]:
    return {plain_text(text): meaning for meaning, texts in one.values.items() for text in texts}
