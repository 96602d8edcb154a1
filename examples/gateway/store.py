"""What outlives a restart: connections by user and server, and authorizations under way.

SQLite serves one machine, PostgreSQL as many gateways as there are. Whoever changes a connection
holds it, across processes: on PostgreSQL by its row (`SELECT … FOR UPDATE`), on SQLite, which can
lock nothing smaller than the whole file, by a byte of a file beside it that stands for the row.
The system lets go of either when its holder dies.
"""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from weakref import WeakValueDictionary

from sqlalchemy import URL, delete, make_url, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from gateway.errors import SettingsError

_DRIVERS = {"postgresql": "postgresql+psycopg", "sqlite": "sqlite+aiosqlite"}

_SCHEMA_LOCK = 0x77697265


class Base(DeclarativeBase):
    """All tables."""


class Connection(Base):
    """A user's connection to a server; `sealed` are its tokens, encrypted.

    `cloud_id` and `site` say which site it is for.
    """

    __tablename__ = "connections"

    user: Mapped[str] = mapped_column(primary_key=True)
    server: Mapped[str] = mapped_column(primary_key=True)
    cloud_id: Mapped[str | None]
    site: Mapped[str | None]
    sealed: Mapped[str]


class Wish(Base):
    """An authorization under way, until `ends`; `sealed` is its PKCE verifier, encrypted.

    The state is kept as a hash: who reads the database cannot use it.
    """

    __tablename__ = "wishes"

    state: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str]
    server: Mapped[str]
    sealed: Mapped[str]
    ends: Mapped[float]


class Store:
    """The database. Those who wait for a connection do not keep others from reading."""

    def __init__(self, database: str) -> None:
        url = _known(database)
        self._dialect = url.get_backend_name()
        self._file = _locks_of(Path(url.database or "")) if self._dialect == "sqlite" else None
        self._reading = create_async_engine(url, hide_parameters=True, pool_pre_ping=True)
        self._holding = create_async_engine(url, hide_parameters=True, pool_pre_ping=True)
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def prepare(self) -> None:
        """Make the tables that are missing; of several gateways that start, one does.

        Raises SettingsError if the database does not answer.
        """
        try:
            await self._prepared()
        except SQLAlchemyError as error:
            raise SettingsError(f"the database: {str(error).splitlines()[0]}") from error

    async def _prepared(self) -> None:
        async with self._byte("schema", ""), self._reading.begin() as db:
            if self._dialect == "postgresql":
                await db.execute(text(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})"))
            await db.run_sync(Base.metadata.create_all)

    async def close(self) -> None:
        """Leave the database."""
        await self._reading.dispose()
        await self._holding.dispose()

    async def check(self) -> None:
        """Ask the database something. Raises SQLAlchemyError if it does not answer."""
        async with self._reading.connect() as db:
            await db.execute(text("SELECT 1"))

    async def connection(self, user: str, server: str) -> Connection | None:
        """Give a user's connection."""
        async with AsyncSession(self._reading) as db:
            return await db.get(Connection, (user, server))

    @asynccontextmanager
    async def held(self, user: str, server: str) -> AsyncIterator["Held"]:
        """Hold a user's connection: nobody else can, in no process, while the context lasts."""
        lock = self._locks.setdefault((user, server), asyncio.Lock())
        async with lock, self._byte(user, server), AsyncSession(self._holding) as db, db.begin():
            found = await db.get(Connection, (user, server), with_for_update=True)
            yield Held(db, user, server, found)

    async def wish(self, state: str, user: str, server: str, sealed: str, ends: float) -> None:
        """Keep an authorization under way; forget those that are too old."""
        row = Wish(state=_hashed(state), user=user, server=server, sealed=sealed, ends=ends)
        async with AsyncSession(self._reading) as db, db.begin():
            await db.execute(delete(Wish).where(Wish.ends < time.time()))
            db.add(row)

    async def take(self, state: str, user: str, server: str) -> str | None:
        """Give what is sealed of a user's authorization, once: the first to ask gets it."""
        own = (Wish.state == _hashed(state), Wish.user == user, Wish.server == server)
        taken = delete(Wish).where(*own).returning(Wish.sealed, Wish.ends)
        async with AsyncSession(self._reading) as db, db.begin():
            row = (await db.execute(taken)).first()
        return row.sealed if row is not None and row.ends >= time.time() else None

    @asynccontextmanager
    async def _byte(self, user: str, server: str) -> AsyncIterator[None]:
        """Hold the byte that stands for a row, on SQLite."""
        if self._file is None:
            yield
            return
        at = int.from_bytes(sha256(f"{server}\0{user}".encode()).digest()[:7])
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at)
                break
            except BlockingIOError:
                await asyncio.sleep(0.02)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, at)


class Held:
    """A connection that is held; `found` is what it was, or None."""

    def __init__(self, db: AsyncSession, user: str, server: str, found: Connection | None) -> None:
        self.found = found
        self._db = db
        self._key = {"user": user, "server": server}

    async def keep(self, **values: str | None) -> None:
        """Keep a connection, in place of an earlier one."""
        # SQLite takes what PostgreSQL's dialect says here.
        insert = postgresql.insert(Connection).values(**self._key, **values)
        await self._db.execute(
            insert.on_conflict_do_update(index_elements=[*self._key], set_=values)
        )

    async def forget(self) -> None:
        """Forget the connection."""
        await self._db.delete(self.found)


def _known(database: str) -> URL:
    """Give the URL with the driver that is used. Raises SettingsError."""
    try:
        url = make_url(database)
        return url.set(drivername=_DRIVERS[url.get_backend_name()])
    except (ArgumentError, KeyError) as error:
        raise SettingsError("the database's URL must be postgresql://… or sqlite:///…") from error


def _locks_of(path: Path) -> int:
    """Make a database's file, that only its owner may read, and open the one beside it for locks.

    Raises SettingsError.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        return os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise SettingsError(f"the database: {error}") from error


def _hashed(state: str) -> str:
    return sha256(state.encode()).hexdigest()
