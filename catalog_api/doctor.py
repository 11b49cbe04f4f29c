"""`wenlan doctor`: is everything there that Wenlan needs, and what to do where it is not."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack

import msgspec

from catalog_api.context import Context, open_context
from catalog_api.report import SQL
from harvesters.windows import check_schedule
from normalise.holdings import load_profiles
from normalise.read.encoding import canonical
from schemas.errors import WenlanError
from schemas.member import Member, Source, read_members
from schemas.settings import Settings
from schemas.text import Text

_FREE_WANTED = 2 << 30


class Check(msgspec.Struct):
    """One thing looked at. `advice` says what to do when it is not `ok`."""

    name: Text
    ok: bool
    found: str
    advice: Text = Text("", "")


def examine() -> list[Check]:
    """Look at everything; a check that fails does not stop the ones after it, except those that need what it found missing."""
    settings = Settings()
    checks = [_python(), _guarded(Text("数据目录", "data directory"), lambda: _home(settings)), _disk(settings)]
    checks.append(_guarded(Text("配置", "configuration"), lambda: _members(settings)))
    with ExitStack() as stack:
        opened: list[Context] = []

        def database() -> str:
            opened.append(stack.enter_context(open_context(settings)))
            return _database(opened[0])

        checks.append(_guarded(Text("数据库", "database"), database))
        for context in opened:
            checks.append(_guarded(Text("未完的工作", "unfinished work"), lambda context=context: _waiting(context)))  # type: ignore[misc]
            checks.append(_guarded(Text("收割", "harvests"), lambda context=context: _harvests(context)))  # type: ignore[misc]
            checks.append(_guarded(Text("检索索引", "search index"), lambda context=context: _index(context)))  # type: ignore[misc]
    return checks


def _guarded(name: Text, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except WenlanError as error:
        return Check(name, False, error.code, error.text)
    except Exception as error:  # whatever it is, the person at the terminal wants to read it here
        why = f"{type(error).__name__}: {error}"[:300]
        advice = Text(f"请把这条信息交给维护者：{why}", f"Give this to whoever maintains the installation: {why}")
        return Check(name, False, type(error).__name__, advice)


def _python() -> Check:
    advice = Text("需要 Python 3.11 或更新", "Python 3.11 or newer is needed")
    return Check(Text("Python", ""), sys.version_info >= (3, 11), platform.python_version(), advice)


def _home(settings: Settings) -> str:
    """Whether a file can be made there."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.home):
            pass
    except OSError as error:
        raise WenlanError(
            "home-unwritable",
            "写不进 {home}：{why}。请检查属主与权限，或把 WENLAN_HOME 设到别处。",
            "{home} cannot be written: {why}. Check its owner and mode, or point WENLAN_HOME elsewhere.",
            home=settings.home,
            why=error.strerror,
        ) from None
    return os.fspath(settings.home)


def _disk(settings: Settings) -> Check:
    folder = next(p for p in (settings.home, *settings.home.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    return Check(
        Text("可用空间", "free space"),
        free > _FREE_WANTED,
        f"{free / (1 << 30):.1f} GB",
        Text("请腾出空间，或把 WENLAN_HOME 设到别处", "Make room, or point WENLAN_HOME elsewhere"),
    )


def _members(settings: Settings) -> str:
    if not settings.members_dir.is_dir():
        raise WenlanError(
            "config-missing",
            "没有配置目录 {folder}。请在检出目录里运行，或设置 WENLAN_CONFIG。",
            "There is no configuration folder {folder}. Run inside the checkout, or set WENLAN_CONFIG.",
            folder=settings.members_dir,
        )
    members = read_members(settings.members_dir)
    profiles = load_profiles(settings.config / "holdings")
    faults = [fault for m in members.values() for s in m.sources for fault in _faults(m, s, set(profiles))]
    if faults:
        raise WenlanError(
            "sources-wrong",
            "来源设置有误：{zh}",
            "Sources are set wrong: {en}",
            zh="；".join(fault.zh for fault in faults),
            en="; ".join(fault.en for fault in faults),
        )
    return f"{len(members)} members, {len(profiles)} holdings profiles"


def _faults(member: Member, source: Source, profiles: set[str]) -> list[Text]:
    """What no source can be loaded or harvested with."""
    where = f"{member.code}/{source.code}"
    faults = []
    if source.holdings and source.holdings not in profiles:
        zh, en = (
            "没有馆藏方案 {value}，请在 config/holdings/ 补上",
            "there is no holdings profile {value}; add it to config/holdings/",
        )
        faults.append(Text(f"{where}：{zh}", f"{where}: {en}").format(value=source.holdings))
    if source.encoding and not canonical(source.encoding):
        zh, en = "不认识编码 {value}", "there is no encoding {value}"
        faults.append(Text(f"{where}：{zh}", f"{where}: {en}").format(value=source.encoding))
    if source.schedule:
        try:
            check_schedule(member, source)
        except WenlanError as error:
            faults.append(error.text)
        if not source.url:
            faults.append(Text(f"{where}：有 schedule 而没有 url", f"{where}: it has a schedule and no url"))
    return faults


def _database(context: Context) -> str:
    with context.database.connect() as connection:
        version = connection.execute("show server_version").fetchone()
        records = connection.execute("select count(*) from record where status = 'live'").fetchone()
    kind = "embedded" if context.settings.database_url is None else "server"
    return f"PostgreSQL {version[0] if version else '?'} ({kind}), {records[0] if records else 0:,} records"


def _waiting(context: Context) -> str:
    """What a killed run left: the next load, sync or worker takes it up by itself."""
    with context.database.connect() as connection:
        undescribed, unmatched = connection.execute(SQL["unfinished"]).fetchone() or (0, 0)
    if undescribed or unmatched:
        raise WenlanError(
            "work-waits",
            "有 {undescribed} 条收到而未读解，{unmatched} 条未匹配（运行被中断，或正在进行）。再运行一次 load、sync 或 worker 会接着做。",
            "{undescribed} records are received and not described, {unmatched} not matched: a run was interrupted, or is under way. The "
            "next load, sync or worker goes on with them.",
            undescribed=undescribed,
            unmatched=unmatched,
        )
    return "0"


def _harvests(context: Context) -> str:
    """Sources whose last run failed."""
    with context.database.connect() as connection:
        rows = connection.execute(SQL["last_runs"]).fetchall()
    failed = [(f"{member}/{source}", error or {}) for member, source, state, error in rows if state == "failed"]
    if failed:
        raise WenlanError(
            "harvests-failed",
            "最近一次运行失败的来源：{zh}",
            "Sources whose last run failed: {en}",
            zh="；".join(f"{name}（{error.get('zh', '-')}）" for name, error in failed),
            en="; ".join(f"{name} ({error.get('en', '-')})" for name, error in failed),
        )
    return f"{len(rows)} sources"


def _index(context: Context) -> str:
    with context.database.connect() as connection:
        newest = connection.execute("select coalesce(max(seq), 0) from cluster").fetchone()
    if newest and newest[0] > context.engine.last_seq():
        raise WenlanError(
            "index-behind",
            "检索索引没有跟上目录。请运行 wenlan rebuild index，或等下一次 load、sync。",
            "The search index is behind the catalogue. Run wenlan rebuild index, or wait for the next load or sync.",
        )
    return f"{context.engine.name}, {context.engine.count():,} documents"
