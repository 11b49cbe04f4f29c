"""Failures that may pass: what they are called, and what to tell people when patience has an end."""

from __future__ import annotations

from schemas.errors import WenlanError
from schemas.text import Text


class Later(Exception):
    """This attempt failed in a way that may pass. `wait` is what the server asked for, in seconds."""

    def __init__(self, kind: str, detail: str, *, wait: float | None = None) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail
        self.wait = wait


def why(error: Exception) -> tuple[str, str]:
    """The kind of failure, a key of `KINDS` or empty, and its names; its text may hold the address with its query."""
    names = [type(error).__name__]
    for argument in error.args[:1]:
        reason = getattr(argument, "reason", argument)
        if isinstance(reason, Exception):
            names.append(type(reason).__name__)
    return next((name for name in reversed(names) if name in KINDS), ""), ", ".join(names)


KINDS = {
    "NameResolutionError": Text(
        "找不到这个主机名，请核对来源的 url", "there is no such host; check the url of the source"
    ),
    "NewConnectionError": Text("连接不上，服务可能停了", "no connection; the service may be down"),
    "ConnectTimeout": Text(
        "连接超时，服务可能停了或被防火墙挡住", "no connection in time; the service may be down or behind a firewall"
    ),
    "ReadTimeout": Text("对方迟迟不答", "it did not answer in time"),
    "SSLError": Text("证书或加密协议有问题", "its certificate or encryption is at fault"),
    "HTTP": Text("对方说现在不行", "it says: not now"),
    "": Text("传输中断", "the transfer broke off"),
}
CLOSED = ("NameResolutionError", "NewConnectionError", "ConnectTimeout")


def unavailable(url: str, later: Later, attempts: int) -> WenlanError:
    """`url` as it may be shown."""
    text, asked = KINDS[later.kind], later.wait
    return WenlanError(
        "harvest-unavailable",
        "{url} 取不到：{zh}（{detail}），已试 {attempts} 次{asked_zh}。已收到的保留，下次运行从断处继续。",
        "{url} cannot be read: {en} ({detail}); tried {attempts} times{asked_en}. What was received is kept, and the next run goes on "
        "from there.",
        url=url,
        zh=text.zh,
        en=text.en,
        detail=later.detail,
        attempts=attempts,
        asked_zh="" if asked is None else f"，对方要求等 {asked:g} 秒",
        asked_en="" if asked is None else f", it asks to wait {asked:g} seconds",
    )
