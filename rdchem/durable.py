"""Files that are on disk, whole or not at all, when a function returns."""

import os
from pathlib import Path


def write_durably(path: Path, content: bytes) -> None:
    """Write, fsync, rename, fsync the folder: the file is there whole or not at all."""
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    draft.rename(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
