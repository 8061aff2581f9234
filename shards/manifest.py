"""The manifest: a DuckDB index over all parts and layers. Parts are the truth; this file may go at any time."""

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from shards import part, schema
from shards.atomic import remove_orphans, replacing
from shards.console import say
from shards.errors import UserError
from shards.home import Home
from shards.layer import layers

_LOCK_PATIENCE_S = 3.0
_BATCH = 1000


class Manifest:
    """A read-only view of everything that a home holds.

    Tables: `samples` (the columns of `shards.schema`, and `part`), `parts` (path, source, plan, tar_sha256,
    tar_size), `layers` (name, kind, source), `meta` (key, value).
    """

    def __init__(self, home: Home, connection: Any) -> None:
        self._home = home
        self._connection = connection

    @staticmethod
    def open(home: Home) -> "Manifest":
        """The manifest of a home, built anew where it is missing, stale or damaged.

        Raises:
            UserError: another process holds the file, or a part is damaged.
        """
        state = _state(home)
        connection = _current(home, state) if home.manifest.is_file() else None
        if connection is None:
            build(home, state)
            connection = _connect(home.manifest)
        return Manifest(home, connection)

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        result: list[dict[str, Any]] = self.table(query, parameters).to_pylist()
        return result

    def stream(self, query: str, parameters: Sequence[object] = ()) -> Iterator[dict[str, Any]]:
        """Rows one after the other: as dictionaries, all rows of a large source would fill the memory."""
        for batch in self.table(query, parameters).to_batches(max_chunksize=_BATCH):
            yield from batch.to_pylist()

    def table(self, query: str, parameters: Sequence[object] = ()) -> Any:
        """A query's result as a pyarrow table; a file that turns out to be damaged is built anew."""
        import duckdb

        def ask() -> Any:
            return self._connection.sql(query, params=list(parameters)).to_arrow_table()

        try:
            return ask()
        except duckdb.ProgrammingError:  # the query is wrong, not the file
            raise
        except duckdb.Error:
            _say_damaged(self._home)
        # Outside the handler: as long as its traceback holds a result, DuckDB would hand out the old file again.
        self._connection.close()
        build(self._home)
        self._connection = _connect(self._home.manifest)
        return ask()

    def sources(self) -> list[str]:
        """Sources that have at least one part."""
        return [r["source"] for r in self.rows("select distinct source from parts order by source")]

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def build(home: Home, state: str | None = None) -> None:
    """Writes the index aside and renames it, so that readers never see half of it.

    Raises:
        UserError: a part or a layer is damaged, or the home cannot be written.
    """
    import duckdb

    state = state or _state(home)
    remove_orphans(home.root)
    with replacing(home.manifest) as temporary:
        try:
            with closing(duckdb.connect(str(temporary), config=_CONFIG)) as connection:
                _fill(connection, home, state)
                connection.execute("checkpoint")
        except duckdb.Error as error:
            raise UserError(
                f"{home.manifest} cannot be built ({str(error).splitlines()[0]})",
                f"`python -m shards verify` finds damaged parts; {home.root} must be writable",
            ) from None
    home.manifest.with_name(home.manifest.name + ".wal").unlink(missing_ok=True)


def _fill(connection: Any, home: Home, state: str) -> None:
    done = {path: mark for path in part.parts(home) if part.is_done(path) and (mark := part.read_mark(path))}
    connection.execute("create table meta (key varchar, value varchar)")
    connection.execute("insert into meta values ('state', ?)", [state])
    connection.execute(
        "create table parts (path varchar, source varchar, plan varchar, tar_sha256 varchar, tar_size bigint)"
    )
    for path, mark in done.items():
        place = path.relative_to(home.shards).as_posix()
        connection.execute(
            "insert into parts values (?, ?, ?, ?, ?)",
            [place, path.parent.name, mark.plan, mark.tar_sha256, mark.tar_size],
        )
    connection.execute("create table layers (name varchar, kind varchar, source varchar)")
    for layer in layers(home):
        for source in layer.sources:
            connection.execute("insert into layers values (?, ?, ?)", [layer.name, layer.kind, source])
    connection.register("empty", schema.arrow().empty_table())
    connection.execute("create table samples as select *, '' as part from empty")
    if done:
        connection.execute(
            "insert into samples by name select * exclude (filename), "
            "regexp_extract(filename, '([^/]+/[^/]+)$', 1) as part "
            "from read_parquet(?, union_by_name = true, filename = true)",
            [[str(path) for path in done]],
        )


def _current(home: Home, state: str) -> Any:
    """A connection to the manifest as it lies, or None where it is stale or damaged."""
    import duckdb

    connection = None
    try:
        connection = _connect(home.manifest)
        if connection.sql("select value from meta where key = 'state'").fetchall() == [(state,)]:
            return connection
    except duckdb.Error:
        _say_damaged(home)
    if connection is not None:
        connection.close()
    return None


def _say_damaged(home: Home) -> None:
    say(f"{home.manifest} cannot be read; built anew from the parts")


# Nothing is ever fetched: extensions that are not built in stay out.
_CONFIG = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def _connect(path: Path) -> Any:
    """A read-only connection; waits a little where another process holds the file."""
    import duckdb

    deadline = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            return duckdb.connect(str(path), read_only=True, config=_CONFIG)
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error):
                raise
            if time.monotonic() > deadline:
                holder = re.search(r"held in (.+?) \(PID (\d+)\)", str(error))
                who = f"{holder[1]}, process {holder[2]}" if holder else "another process"
                raise UserError(f"{path} is held by {who}", "end that process, then run this again") from None
            time.sleep(0.2)


def _state(home: Home) -> str:
    """Changes whenever a part or layer comes, goes or is written anew."""
    digest = hashlib.sha256(f"schema {schema.VERSION}\n".encode())
    for folder in (home.shards, home.annotations):
        for path in sorted(folder.rglob("*.parquet")) + sorted(folder.rglob("*.tar")):
            try:
                info = path.stat()
            except FileNotFoundError:  # an ingest is running and writes it anew
                continue
            digest.update(f"{path.relative_to(home.root)}\t{info.st_size}\t{info.st_mtime_ns}\n".encode())
    return digest.hexdigest()
