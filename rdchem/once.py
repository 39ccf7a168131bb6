"""What several rules ask of one day is worked out once for each day. Pure."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from rdchem.model.day import EnterpriseDay

P = ParamSpec("P")
T = TypeVar("T")


def once_a_day(
    asked: Callable[Concatenate[EnterpriseDay, P], T],
) -> Callable[Concatenate[EnterpriseDay, P], T]:
    """The same pure function of a day and of hashable arguments, remembering its answers with the day.

    Whoever asks must not change what he is given. A day made from another (`replace`) remembers nothing; one
    that is watched (`rdchem.memory`) is a day of its own, so that all that is looked at is seen.
    """

    @wraps(asked)
    def answered(day: EnterpriseDay, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (asked, *args, *kwargs.items())
        if key not in day.remembered:
            day.remembered[key] = asked(day, *args, **kwargs)
        answer: T = day.remembered[key]
        return answer

    return answered
