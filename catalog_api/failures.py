"""Errors nobody foresaw: a sentence for the person at work, the traceback for whoever maintains the installation."""

from __future__ import annotations

import errno
import logging
import os
import traceback
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from schemas.errors import WenlanError
from schemas.settings import Settings

_LARGEST = 4 << 20  # bytes of the log; then it is begun anew, and one old one is kept


def explain(error: BaseException, settings: Settings) -> WenlanError:
    """What to tell people about an unexpected exception; its traceback is written to WENLAN_HOME/log/errors.log."""
    if isinstance(error, WenlanError):
        return error
    log = _note(error, settings)
    return _known(error) or WenlanError(
        "unexpected",
        "出了意料之外的错误（{kind}），已做完的都保留，再运行一次会接着做。若再出现，请把 {log} 交给维护者；加 --debug 可直接看到详情。",
        "An unexpected error ({kind}). What was done is kept, and running it again goes on. If it comes again, give {log} to whoever "
        "maintains the installation; --debug shows the details at once.",
        kind=type(error).__name__,
        log=log,
    )


def _known(error: BaseException) -> WenlanError | None:
    if isinstance(error, psycopg.errors.DiskFull) or (
        isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    ):
        return WenlanError(
            "disk-full",
            "磁盘满了。已做完的都保留；请腾出空间后再运行一次，会接着做。",
            "The disk is full. What was done is kept; make room and run it again, and it goes on.",
        )
    if isinstance(error, psycopg.OperationalError):
        return WenlanError(
            "database-lost",
            "与数据库的连接断了（{kind}）。已做完的都保留；请检查数据库后再运行一次，会接着做。",
            "The connection to the database was lost ({kind}). What was done is kept; check the database and run it again, and it goes on.",
            kind=type(error).__name__,
        )
    if isinstance(error, BrokenProcessPool):
        return WenlanError(
            "worker-died",
            "一个工作进程意外退出（常见原因是内存不足）。已做完的都保留，再运行一次会接着做；可设 WENLAN_WORKERS=1 减少内存。",
            "A worker process died, mostly for want of memory. What was done is kept, and running it again goes on; WENLAN_WORKERS=1 "
            "takes less memory.",
        )
    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        return WenlanError(
            "database-url",
            "WENLAN_DATABASE_URL 写得不对。应如 postgresql://用户:密码@主机:5432/库名。",
            "WENLAN_DATABASE_URL is wrong. It should look like postgresql://user:password@host:5432/name.",
        )
    if isinstance(error, OSError) and error.filename:
        return WenlanError(
            "file-system",
            "读写 {file} 时出错：{why}。请检查路径、属主与权限。",
            "Reading or writing {file} failed: {why}. Check the path, its owner and its mode.",
            file=error.filename,
            why=error.strerror,
        )
    return None


def log_handler(settings: Settings) -> logging.Handler:
    """A handler for libraries that log errors by themselves, to the same file."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            error = record.exc_info[1] if record.exc_info else None
            if error is not None and not isinstance(error, WenlanError):
                _note(error, settings)

    return Handler(logging.ERROR)


def _note(error: BaseException, settings: Settings) -> Path | str:
    log = settings.home / "log" / "errors.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > _LARGEST:
            log.replace(log.with_suffix(".log.1"))
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"--- {datetime.now(UTC).isoformat(timespec='seconds')} pid {os.getpid()}\n{trace(error)}\n")
    except OSError:
        return "-"
    return log


def trace(error: BaseException) -> str:
    """The traceback. What a database says of a value or an address it refused may hold secrets and is left out."""
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 5:
        frames = "".join(traceback.format_tb(seen.__traceback__))
        chain.insert(0, f"{frames}{_said(seen)}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n\n".join(chain)


def _said(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, psycopg.Error) and not isinstance(error, psycopg.OperationalError):
        return f"{name}: {error.sqlstate or ''} {error.diag.constraint_name or error.diag.column_name or ''}".rstrip()
    return f"{name}: {error}"
