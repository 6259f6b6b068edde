"""A remote of project.yml: a folder, or a bucket, laid out as weasel lays it out.

`<path>/<hash of the inputs>/<hash of the content>` is an archive of a file or a folder. Beside the
results of a step lies a description, which is written last: what it doesn't name was not pushed as
a whole.
"""

from __future__ import annotations

import gzip
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.base.errors import DataError, UsageError, reason
from cohort.base.files import atomic_file

if TYPE_CHECKING:
    from weasel.cli.remote_storage import RemoteStorage


class Remote:
    """Where results are shared.

    Parameters
    ----------
    url
        Folder, or a bucket's address such as `s3://results`.

    Raises
    ------
    UsageError
        If the library for that kind of bucket is not installed.
    DataError
        By each method, if a bucket isn't there, or refuses what is asked of it.
    """

    def __init__(self, url: str) -> None:
        from weasel.cli.remote_storage import RemoteStorage

        self.url = url
        try:
            self._storage: RemoteStorage = RemoteStorage(Path(), url)
        except Exception as error:  # of cloudpathlib, which has one for each kind of bucket
            raise UsageError(f"{url}: can't be used as a remote ({error}).") from None
        self.is_folder = isinstance(self._storage.url, Path)

    def exists(self) -> bool:
        """Return whether anything was pushed there."""
        with self._told():
            return bool(self._storage.url.exists())

    def has(self, path: Path, inputs: str, content: str) -> bool:
        """Return whether it holds a result that is this one."""
        with self._told():
            return bool(self._storage.make_url(path.as_posix(), inputs, content).exists())

    def put(self, path: Path, inputs: str, content: str) -> None:
        """Add a file or a folder, without whose it is and when it was written."""
        from weasel.util import upload_file

        url = self._storage.make_url(path.as_posix(), inputs, content)
        with _temporary() as folder:
            archive = folder / "archive"
            with (
                archive.open("wb") as raw,
                # Fast: most of what is shared is packed already.
                gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed,
                tarfile.open(mode="w", fileobj=packed) as tar,
            ):
                tar.add(path, arcname=path.as_posix(), filter=_nobodys)
            if self.is_folder:  # weasel would hold it in memory, and leave half of it if stopped
                with atomic_file(Path(str(url))) as temporary:
                    shutil.copyfile(archive, temporary)
            else:
                with self._told():
                    upload_file(archive, url)

    def newest(self, path: Path, inputs: str) -> Any | None:
        """Return the address of the newest result of these inputs; None if there is none."""
        with self._told():
            return self._storage.find(path.as_posix(), command_hash=inputs)

    def address(self, path: Path, inputs: str, content: str) -> Any | None:
        """Return the address of a result; None if it is not there."""
        with self._told():
            return self._storage.find(path.as_posix(), command_hash=inputs, content_hash=content)

    def unpack(self, address: Any, path: Path, into: Path) -> Path:
        """Unpack the archive of `path` below the folder `into`, and return where it is.

        Raises
        ------
        DataError
            If it is damaged, or holds anything but plain files of that path.
        """
        from weasel.util import download_file

        with _temporary() as folder:
            archive = folder / "archive"
            with self._told():
                download_file(address, archive)
            try:
                with tarfile.open(archive, "r:gz") as tar:
                    members = tar.getmembers()
                    if not all(_is_of(member, path) for member in members):
                        raise DataError(f"{address}: holds other files than {path}; not pulled.")
                    # Plain files with plain names: what the filter is for was refused above.
                    safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
                    tar.extractall(into, members=members, **safe)  # type: ignore[arg-type]
            except (tarfile.TarError, EOFError, gzip.BadGzipFile, OSError) as error:
                if isinstance(error, OSError) and error.errno:
                    raise
                raise DataError(
                    f"{address}: is damaged ({error}); remove it there, and push again."
                ) from None
        return into / path

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what is wrong with a bucket: each kind of them has errors of its own."""
        try:
            yield
        except Exception as error:
            if self.is_folder:
                raise
            raise DataError(
                f"{self.url}: can't be reached, or refuses what is asked of it ({reason(error)}); "
                "is the address right, and may you read and write there?"
            ) from None


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() else 0o644
    return member


def _is_of(member: tarfile.TarInfo, path: Path) -> bool:
    name = Path(member.name)
    inside = name.is_relative_to(path) and ".." not in name.parts
    return inside and (member.isfile() or member.isdir())


@contextmanager
def _temporary() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hich-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=sys.platform == "win32")
