"""The manifest: a DuckDB index over all parts and layers. Parts are the truth; this file may go at any time."""

import hashlib
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shards import part, schema
from shards.atomic import replacing
from shards.console import say
from shards.errors import UserError
from shards.home import Home
from shards.layer import layers

_LOCK_PATIENCE_S = 3.0


class Manifest:
    """A read-only view of everything that a home holds.

    Tables: `samples` (the columns of `shards.schema`, and `part`), `parts` (path, source, plan, tar_sha256,
    tar_size, samples, ok), `layers` (name, kind, source), `meta`.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @staticmethod
    def open(home: Home) -> "Manifest":
        """The manifest of a home, built anew where it is missing, stale or damaged.

        Raises:
            UserError: another process holds the file.
        """
        import duckdb

        state = _state(home)
        if home.manifest.is_file():
            try:
                connection = _connect(home.manifest)
                found = connection.sql("select value from meta where key = 'state'").fetchall()
                if found == [(state,)]:
                    return Manifest(connection)
                connection.close()
            except duckdb.Error as error:
                if "lock" in str(error).lower():
                    raise
                say(f"{home.manifest} cannot be read; built anew from the parts")
        build(home, state)
        return Manifest(_connect(home.manifest))

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        result: list[dict[str, Any]] = self.table(query, parameters).to_pylist()
        return result

    def table(self, query: str, parameters: Sequence[object] = ()) -> Any:
        """A query's result as a pyarrow table."""
        return self._connection.sql(query, params=list(parameters)).to_arrow_table()

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
    """Writes the index aside and renames it, so that readers never see half of it."""
    import duckdb

    state = state or _state(home)
    valid = [path for path in part.parts(home) if part.is_done(path)]
    marks = [(path, part.read_mark(path)) for path in valid]
    with replacing(home.manifest) as temporary:
        connection = duckdb.connect(str(temporary), config=_CONFIG)
        connection.execute("create table meta (key varchar, value varchar)")
        connection.execute("insert into meta values ('state', ?), ('schema', ?)", [state, str(schema.VERSION)])
        connection.execute(
            "create table parts (path varchar, source varchar, plan varchar, tar_sha256 varchar, tar_size bigint)"
        )
        for path, mark in marks:
            assert mark is not None
            place = path.relative_to(home.shards).as_posix()
            connection.execute(
                "insert into parts values (?, ?, ?, ?, ?)",
                [place, path.parent.name, mark.plan, mark.tar_sha256, mark.tar_size],
            )
        connection.execute("create table layers (name varchar, kind varchar, source varchar)")
        for layer in layers(home):
            for source in layer.sources:
                connection.execute("insert into layers values (?, ?, ?)", [layer.name, layer.kind, source])
        empty = schema.arrow().empty_table()
        connection.register("empty", empty)
        connection.execute("create table samples as select *, '' as part from empty")
        if valid:
            connection.execute(
                "insert into samples by name select * exclude (filename), "
                "regexp_extract(filename, '([^/]+/[^/]+)$', 1) as part "
                "from read_parquet(?, union_by_name = true, filename = true)",
                [[str(p) for p in valid]],
            )
        connection.execute("checkpoint")
        connection.close()
    home.manifest.with_name(home.manifest.name + ".wal").unlink(missing_ok=True)


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
            if "lock" not in str(error).lower():
                raise
            if time.monotonic() > deadline:
                holder = re.search(r"in (.+?) \(PID (\d+)\)", str(error))
                who = f"{holder[1]}, process {holder[2]}" if holder else "another process"
                raise UserError(f"{path} is held by {who}", "end that process, then run this again") from None
            time.sleep(0.2)


def _state(home: Home) -> str:
    """Changes whenever a part or layer comes, goes or is written anew."""
    digest = hashlib.sha256()
    for folder in (home.shards, home.annotations):
        for path in sorted(folder.rglob("*.parquet")) + sorted(folder.rglob("*.tar")):
            info = path.stat()
            digest.update(f"{path.relative_to(home.root)}\t{info.st_size}\t{info.st_mtime_ns}\n".encode())
    return digest.hexdigest()
