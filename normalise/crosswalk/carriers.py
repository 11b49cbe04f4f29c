"""Content and carrier (GB/T 3469, ISBD area 0) from every place that tells them: codes first, then words."""

from __future__ import annotations

import re
from functools import lru_cache

from schemas.bib import BibRecord, Carrier, Content

Kind = tuple[Content, Carrier]

# Words of general material designations, extents, formats and types, the more special before the more general.
_WORDS: list[tuple[str, Content, Carrier]] = [
    (r"有声读物|有聲|有声书|audio\s?book|audiobook|喜马拉雅", "sound", "audiobook"),
    (r"blu-?ray|蓝光|藍光", "video", "bluray"),
    (r"\bDVD-?ROM\b", "software", "disc_rom"),
    (r"\bDVDs?\b|videodiscs?|影碟|视盘|視盤", "video", "dvd"),
    (r"\bS?VCDs?\b", "video", "cd"),
    (r"VHS|录像带|錄影帶|录象带|videocassettes?|videotape", "video", "vhs"),
    (r"CD-?ROM|计算机光盘|電腦光碟|computer (?:optical )?dis[ck]s?|磁盘|软盘", "software", "disc_rom"),
    (r"盒式录音带|录音带|錄音帶|磁带|盒带|audio ?cassettes?|sound cassettes?", "sound", "cassette"),
    (r"唱片|\bLPs?\b|vinyl|33 1/3 rpm|analog(?:, 33)|密纹", "sound", "lp"),
    (r"激光唱片|\bCDs?\b|compact discs?|audio discs?|sound discs?|光盘|光盤|光碟", "sound", "cd"),
    (r"\bMP3\b", "sound", "audiobook"),
    (r"录像制品|錄影|录像|電影|电影|电视剧|影像资料|video|moving ?image|motion picture|film\b", "video", ""),
    (r"录音制品|錄音|录音|sound|audio|spoken word", "sound", ""),
    (r"网络资源|在线资源|线上资源|電子書|电子书|电子图书|电子资源|電子資源|数据文件|电子文献|online resources?|electronic|e-?books?\b|\bEPUB\b|\bPDF\b|internet|application/|text/html", "", "online"),
    (r"缩微|縮微|microfi(?:lm|che)|microform|micro-?opaque", "", "microform"),
    (r"盲文|点字|點字|braille", "", "braille"),
    (r"大字本|大字版|large print|large type", "", "large_print"),
    (r"乐谱|樂譜|曲谱|notated ?music|sheet music|\bscores?\b|钢琴谱|\bnotated\b", "music", "print"),
    (r"地图|地圖|cartograph|\bmaps?\b|atlas", "map", "print"),
    (r"手稿|稿本|手写本|抄本|鈔本|写本|寫本|manuscript", "text", "manuscript"),
    (r"计算机软件|软件|software|computer program|interactive ?resource", "software", ""),
    (r"照片|图片|挂图|掛圖|明信片|画册|still ?image|photographs?|pictures?|posters?|prints\b|图像|拓片|年画", "image", ""),
    (r"三维|实物|模型|玩具|realia|physical ?object|three.?dimensional|\bgames?\b|kit\b", "object", "object"),
    (r"混合|多媒体|mixed material", "mixed", ""),
    (r"专著|圖書|图书|期刊|连续出版物|報紙|报纸|学位论文|book|monograph|serial|periodical|journal|article|thesis|text|文本|汇编|标准", "text", ""),
    (r"unmediated|\bprint\b|印刷|纸本|紙本|\bvolume\b", "", "print"),
]  # fmt: skip
# \b takes Chinese characters for letters: 8张DVD has no boundary, so Latin words are fenced by hand.
_fence = re.compile(r"\\b")
_words = [
    (
        re.compile(_fence.sub(r"(?:(?<![a-z])(?=[a-z])|(?<=[a-z])(?![a-z]))", pattern), re.IGNORECASE).search,
        content,
        carrier,
    )
    for pattern, content, carrier in _WORDS
]
# 12, 352页: none of the words is made of these.
_count_only = re.compile(r"[0-9\s,.;:，、；：()（）\[\]p页頁册冊]*").fullmatch
_map_title = re.compile(r"(?:地图|地圖)(?:册|集|冊)?$|(?:交通|旅游|导游|游览|政区|行政区划)\S{0,4}[图圖]$").search
_score_title = re.compile(r"(?:练习曲|曲集|曲谱|曲譜|钢琴谱|乐谱|总谱|歌曲集|钢琴\S{0,4}教程)$").search
_audiovisual = re.compile(r"音像|影像|电影电视|电子音像").search

# Leader/06 of UNIMARC/CNMARC and of MARC 21.
UNIMARC_TYPES: dict[str, Kind] = {
    "a": ("text", ""), "b": ("text", "manuscript"), "c": ("music", ""), "d": ("music", "manuscript"), "e": ("map", ""), "f": ("map", "manuscript"),
    "g": ("video", ""), "i": ("sound", ""), "j": ("sound", ""), "k": ("image", ""), "l": ("", "online"), "m": ("mixed", ""), "r": ("object", "object"),
}  # fmt: skip
MARC21_TYPES: dict[str, Kind] = {
    "a": ("text", ""), "t": ("text", "manuscript"), "c": ("music", ""), "d": ("music", "manuscript"), "e": ("map", ""), "f": ("map", "manuscript"),
    "g": ("video", ""), "i": ("sound", ""), "j": ("sound", ""), "k": ("image", ""), "m": ("software", ""), "o": ("mixed", ""), "p": ("mixed", ""),
    "r": ("object", "object"),
}  # fmt: skip
FORM_106: dict[str, Carrier] = {
    "d": "large_print",
    "f": "braille",
    "g": "microform",
    "h": "manuscript",
    "i": "online",
    "s": "online",
    "r": "print",
}
FORM_008: dict[str, Carrier] = {"a": "microform", "b": "microform", "c": "microform", "d": "large_print", "f": "braille", "o": "online",
                                "q": "disc_rom", "r": "print", "s": "online"}  # fmt: skip
RDA_CARRIERS: dict[str, Kind] = {
    "nc": ("", "print"), "nb": ("", "sheet"), "cr": ("", "online"), "cd": ("", "disc_rom"), "sd": ("sound", "cd"), "ss": ("sound", "cassette"),
    "vd": ("video", "dvd"), "vf": ("video", "vhs"), "he": ("", "microform"), "hd": ("", "microform"), "hj": ("", "microform"), "nr": ("object", "object"),
}  # fmt: skip
RDA_CONTENTS: dict[str, Content] = {
    "txt": "text", "ntm": "music", "prm": "sound", "spw": "sound", "snd": "sound", "cri": "map", "crt": "map", "tdi": "video", "tdm": "video",
    "sti": "image", "cop": "software", "cod": "software", "tdf": "object",
}  # fmt: skip


@lru_cache(maxsize=8192)
def from_words(text: str) -> Kind:
    """(content, carrier) that a designation, an extent or a type tells: `[电子资源]`, `8张DVD`, `2张光盘(MP3)`, `sound recording`."""
    content: Content = ""
    carrier: Carrier = ""
    if _count_only(text):
        return content, carrier
    for search, told_content, told_carrier in _words:
        if ((told_content and not content) or (told_carrier and not carrier)) and search(text):
            content, carrier = content or told_content, carrier or told_carrier
            if content and carrier:
                break
    if carrier == "cd" and content == "software":
        carrier = "disc_rom"
    return content, carrier


def settle(kinds: list[Kind], has_pages: bool, bib: BibRecord | None = None) -> Kind:
    """The first content and carrier told, in the order of trust; text and print where nothing speaks against it.

    A sound or video record without a word about its carrier keeps it open.
    """
    content: Content = ""
    carrier: Carrier = ""
    for told_content, told_carrier in kinds:
        if not content:
            content = told_content
        if not carrier or (carrier == "print" and told_carrier in ("online", "microform", "braille", "large_print")):
            carrier = told_carrier or carrier
    if carrier == "disc_rom" and content == "sound":
        carrier = "cd"
    if carrier == "disc_rom" and content == "video":
        carrier = "dvd"
    if carrier == "cd" and content == "software":
        carrier = "disc_rom"
    if bib is not None and content in ("", "text") and carrier in ("", "print"):
        content = _of_subject(bib) or content
    if not content:
        content = "text"
    if not carrier and content in ("text", "music", "map", "image") and (has_pages or content in ("text", "music")):
        carrier = "print"
    return content, carrier


def _of_subject(bib: BibRecord) -> Content:
    """Maps and scores that a library catalogued without their codes: by class (中图法 K99, P98: maps; J64, J65: scores) and title.

    Recordings of an audio-visual publisher likewise, whose numbers are not those of books (ISBN 978-7-88, 978-7-89).
    """
    title = bib.titles[0] if bib.titles else None
    for one in bib.classes:
        if one.scheme == "clc" and one.value.startswith(("K992", "K993", "K991", "P98")):
            return "map"
        if one.scheme == "clc" and one.value.startswith(("J64", "J65")):
            return "music"
    if not bib.classes and title is not None:
        if _map_title(title.text):
            return "map"
        if _score_title(title.text) or title.subtitle.startswith("作品"):
            return "music"
        number = next((i.value for i in bib.identifiers if i.kind == "isbn"), "")
        if number.startswith(("978788", "978789")) and bib.publication and _audiovisual(bib.publication[0].publisher):
            return "video"
    return ""
