"""The person at the terminal: what is said to them, and how a command ends.

Whatever goes wrong ends in one sentence that says what to do, and an exit code from `rdchem.errors`
(2: wrong usage, 70: a bug of ours); never in a traceback, unless RDCHEM_DEBUG asks for it.
"""

import io
import os
import sys
import traceback
from collections.abc import Callable
from typing import Final

import structlog
from rich.console import Console
from rich.table import Table

from rdchem.errors import ConfigurationError, RdchemError
from rdchem.foreign_text import visible

INTERNAL_ERROR: Final = 70
SCREEN: Final = Console(stderr=True)


def say(text: str, style: str | None = None) -> None:
    """One line to the person; results go to standard output instead."""
    SCREEN.print(visible(text), style=style, markup=False, highlight=False, soft_wrap=True)


def rendered(*tables: Table) -> str:
    """Tables as plain text, as wide as the terminal, 120 columns where there is none."""
    target = io.StringIO()
    known = Console().size.width if Console().is_terminal else 120
    console = Console(file=target, width=max(known, 80), highlight=False, markup=False)
    for table in tables:
        console.print(table)
    return target.getvalue()


def run(command: Callable[[], object]) -> None:
    """Run a command line to its end; see the module's docstring."""
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    try:
        command()
    except Exception as error:  # noqa: BLE001 - told in a sentence, whatever it is
        if os.environ.get("RDCHEM_DEBUG"):
            traceback.print_exc()
        sentence, code = _told(error)
        say(f"错误:{sentence}", style="red")
        sys.exit(code)


def _told(error: Exception) -> tuple[str, int]:
    """What to say of an error, and the exit code."""
    import pydantic
    from sqlalchemy.exc import SQLAlchemyError

    match error:
        case RdchemError():
            return str(error), error.exit_code
        case ExceptionGroup():
            parts = [
                f"{type(one).__name__}: {one} {getattr(one, '__notes__', '')}" for one in error.exceptions
            ]
            return "\n  ".join([error.message, *parts]), INTERNAL_ERROR
        case pydantic.ValidationError():
            names = ["RDCHEM_" + "_".join(map(str, one["loc"])).upper() for one in error.errors()]
            wrong = ";".join(f"{name}:{one['msg']}" for name, one in zip(names, error.errors(), strict=True))
            return f"设置有误:{wrong}。请检查环境变量或 .env。", ConfigurationError.exit_code
        case SQLAlchemyError():
            cause = str(getattr(error, "orig", None) or error)[:500]
            return f"数据库出错:{cause}。请确认数据库可用后重试。", 1
        case OSError():
            return f"读写出错:{error}。请检查路径、权限和磁盘空间。", 1
        case _:
            text = f"程序内部错误({type(error).__name__}: {error})"
            return f"{text}。请设 RDCHEM_DEBUG=1 重跑,并把输出交维护人员。", INTERNAL_ERROR
