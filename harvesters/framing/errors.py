"""What is wrong with a whole file, for the person who sent or loads it: one function an error."""

from __future__ import annotations

import re

from schemas.errors import WenlanError

KNOWN = "iso2709, marcxml, oai, opacxml, mods, dc, marcjson, csv"


def unopened(name: str, error: OSError) -> WenlanError:
    return WenlanError(
        "file-unopened",
        "打不开文件 {name}：{why}。请检查路径与读权限。",
        "The file {name} cannot be opened: {why}. Check its path and whether you may read it.",
        name=name,
        why=error.strerror,
    )


def empty(name: str) -> WenlanError:
    return WenlanError(
        "file-empty",
        "文件 {name} 是空的，没有记录可读。",
        "The file {name} is empty: there is no record to read.",
        name=name,
    )


def html(name: str, head: bytes) -> WenlanError:
    title = re.search(rb"<title[^>]*>\s*(.*?)\s*</title", head, re.IGNORECASE | re.DOTALL)
    return WenlanError(
        "file-html",
        "文件 {name} 是网页，不是记录（标题：{title}）。可能是下载时保存了登录页或出错页。",
        "The file {name} is a web page, not records (title: {title}). Perhaps a login or error page was saved in their place.",
        name=name,
        title=title[1].decode("utf-8", "replace")[:100] if title else "-",
    )


def archive(name: str) -> WenlanError:
    return WenlanError(
        "file-archive",
        "文件 {name} 是压缩包、PDF 或 Office 文件。请先解包；表格请另存为 CSV（UTF-8）。",
        "The file {name} is an archive, a PDF or an Office file. Unpack it first; save a table as CSV (UTF-8).",
        name=name,
    )


def not_records(name: str) -> WenlanError:
    return WenlanError(
        "file-not-records",
        "文件 {name} 里找不到书目记录。可读的格式：ISO 2709、MARCXML、OAI-PMH、MARC-in-JSON、CSV（可用 gzip 压缩）。",
        "No bibliographic record is found in {name}. What can be read: ISO 2709, MARCXML, OAI-PMH, MARC-in-JSON, CSV (also gzipped).",
        name=name,
    )


def cut_between(name: str, element: str) -> WenlanError:
    return WenlanError(
        "file-truncated-xml",
        "XML 文件 {name} 不完整：没有 </{element}>，后面可能还有记录；已读出的记录保留，请重新传输后再装入。",
        "The XML file {name} is cut off: </{element}> is missing, and perhaps more records. Those read so far are kept. Transfer it again "
        "and reload.",
        name=name,
        element=element,
    )


def unknown_format(name: str, container: str) -> WenlanError:
    return WenlanError(
        "file-format-unknown",
        "不认识格式“{container}”（文件 {name}）。可用：{known}；不写 --format 则自动识别。",
        "Format {container} is not known (file {name}). Known: {known}. Without --format it is detected.",
        name=name,
        container=container,
        known=KNOWN,
    )


def cut_within(name: str, record: int, byte: int) -> WenlanError:
    return WenlanError(
        "file-truncated",
        "文件 {name} 不完整：在第 {record} 条（第 {byte} 字节起）中间断了。前面的记录保留；请重新传输后再装入。",
        "The file {name} is cut off within record {record}, which begins at byte {byte}. The records before it are kept. Transfer the "
        "file again and reload.",
        name=name,
        record=record,
        byte=byte,
    )


def rubbish(name: str, byte: int) -> WenlanError:
    return WenlanError(
        "file-rubbish",
        "{name} 从第 {byte} 字节起不再是记录，读到这里为止；前面的记录保留。请检查这个文件或来源，再装入。",
        "From byte {byte} on {name} holds no records any more, and reading stopped. The records before it are kept. Check the file or "
        "where it comes from, and reload.",
        name=name,
        byte=byte,
    )


def unread(name: str, error: OSError) -> WenlanError:
    return WenlanError(
        "file-unread",
        "读 {name} 时出错：{why}；已读出的记录保留。请检查磁盘或网络后再装入。",
        "Reading {name} failed: {why}. The records read so far are kept. Check the disk or the network and reload.",
        name=name,
        why=error.strerror or type(error).__name__,
    )


def other_format(name: str, given: str, looks_like: str) -> WenlanError:
    return WenlanError(
        "file-format-other",
        "文件 {name} 按 {given} 读不出记录，看来是 {looks_like}。请去掉 --format（自动识别），或改成 --format {looks_like}。",
        "No record of {name} can be read as {given}; it looks like {looks_like}. Leave out --format (it is then detected), or give "
        "--format {looks_like}.",
        name=name,
        given=given,
        looks_like="marcjson" if looks_like == "json-array" else looks_like,
    )
