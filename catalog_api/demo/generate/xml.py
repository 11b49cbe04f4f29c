"""XML and JSON renderings: MARCXML, the National Library's cnmarcxml, MARC-in-JSON, oai_dc, MODS and the OAI-PMH page around them."""

from __future__ import annotations

import msgspec

from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.people import invert, statement
from catalog_api.demo.generate.romanise import pinyin
from catalog_api.demo.generate.shape import View

Field = tuple[str, str]
_encode = msgspec.json.encode


def escape(text: str) -> str:
    if "&" in text or "<" in text or ">" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


def marcxml(leader: str, fields: list[Field]) -> str:
    """One <record>; the namespace is on the collection (or on the caller's wrapper)."""
    out = [f"<record><leader>{leader}</leader>"]
    for tag, value in fields:
        if tag < "010":
            out.append(f'<controlfield tag="{tag}">{escape(value)}</controlfield>')
            continue
        first, *rest = value.split("\x1f")
        out.append(f'<datafield tag="{tag}" ind1="{first[0]}" ind2="{first[1]}">')
        out += [f'<subfield code="{part[0]}">{escape(part[1:])}</subfield>' for part in rest if part]
        out.append("</datafield>")
    out.append("</record>\n")
    return "".join(out)


def marcjson(leader: str, fields: list[Field]) -> bytes:
    """One object on a line."""
    found: list[dict[str, object]] = []
    for tag, value in fields:
        if tag < "010":
            found.append({tag: value})
            continue
        first, *rest = value.split("\x1f")
        found.append(
            {tag: {"ind1": first[0], "ind2": first[1], "subfields": [{part[0]: part[1:]} for part in rest if part]}}
        )
    return _encode({"leader": leader, "fields": found}) + b"\n"


DC_OPEN = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">'
)
DC_TYPES = {
    "print": "图书",
    "ebook": "电子图书",
    "audiobook": "录音资料",
    "cd": "录音资料",
    "dvd": "录像资料",
    "score": "乐谱",
    "map": "地图",
}


def dublin_core(view: View, house: House) -> str:
    """oai_dc, thin: edition and volume stand in the title or the description, shelf and barcode are texts."""
    m = view.m
    odd = int(view.call_item) % 4
    out: list[str] = [DC_OPEN]

    def add(name: str, text: str) -> None:
        if text:
            out.append(f"<dc:{name}>{escape(text)}</dc:{name}>")

    title = view.title
    for part in (view.part_number, view.part_name):
        title += f" {part}" if part else ""
    add("title", f"{title}{' : ' if odd else '：'}{view.subtitle}" if view.subtitle else title)
    for agent in view.agents:
        main = agent.role not in ("译", "校", "注", "指导", "校注", "译注")
        name = f"{agent.name} ({invert(agent.original)})" if agent.original and odd == 1 else agent.name
        if m.script == "latn":
            name = invert(agent.name)
        add("creator" if main else "contributor", f"{name} {agent.role}" if agent.role and odd == 2 else name)
    for parts in m.subjects:
        add("subject", "--".join(parts))
    if view.call_class:
        add("subject", f"中图分类号: {view.call_class}" if odd % 2 else view.call_class)
    add("description", view.edition if odd % 2 or not view.edition else f"版本: {view.edition}")
    add("description", view.abstract)
    add("description", m.note)
    add("publisher", f"{view.place} : {view.publisher}" if view.place and odd == 3 else view.publisher)
    add("date", f"{m.year}-{m.year_end or ''}" if m.kind == "serial" else view.date)
    add("type", "学位论文" if m.kind == "thesis" else "期刊" if m.kind == "serial" else DC_TYPES[m.carrier])
    add("format", "; ".join(filter(None, (view.extent, view.size))))
    for text, qualifier, _ in view.numbers:
        number = f"{text} ({qualifier})" if qualifier else text
        add(
            "identifier",
            number
            if odd == 0
            else f"ISBN {number}"
            if odd == 1
            else f"ISBN: {number}"
            if odd == 2
            else f"urn:isbn:{number}",
        )
    add("identifier", f"ISSN {m.issn}" if m.issn else "")
    add("identifier", f"统一书号: {view.unified}" if view.unified else "")
    add("identifier", m.url)
    if view.items:
        add("identifier", f"索书号: {view.call_class}/{view.call_item}")
        for item in view.items:
            state = "; 状态: 借出" if item.status == "loaned" else ""
            add("source", f"馆藏: {item.location}; 条码: {item.barcode}; 复本: {item.copy}{state}")
    add(
        "language",
        {"chi": ("zh", "chi", "chi", "中文"), "eng": ("en", "eng", "eng", "英文")}.get(m.language, (m.language,) * 4)[
            odd
        ],
    )
    add("relation", view.series)
    out.append("</oai_dc:dc>")
    return "".join(out)


MODS_OPEN = (
    '<mods xmlns="http://www.loc.gov/mods/v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.6" '
    'xsi:schemaLocation="http://www.loc.gov/mods/v3 http://www.loc.gov/standards/mods/v3/mods-3-6.xsd">'
)
RESOURCE = {
    "print": "text",
    "ebook": "text",
    "audiobook": "sound recording-nonmusical",
    "cd": "sound recording-musical",
    "dvd": "moving image",
    "score": "notated music",
    "map": "cartographic",
}
RELATORS = {
    "著": "aut",
    "撰": "aut",
    "译": "trl",
    "编": "cmp",
    "主编": "edt",
    "辑": "com",
    "纂": "com",
    "修": "edt",
    "注": "ann",
    "指导": "ths",
    "绘": "art",
    "编制": "ctg",
    "作曲": "cmp",
}

NOTE_TYPES = {"thesis": ' type="thesis"', "guji": ' type="version identification"'}


def mods(view: View, house: House) -> str:
    """MODS 3.6; early books keep their traditional characters, their edition is a note."""
    m = view.m
    out = [MODS_OPEN, "<titleInfo>", f"<title>{escape(view.title)}</title>"]
    for name, text in (("subTitle", view.subtitle), ("partNumber", view.part_number), ("partName", view.part_name)):
        out.append(f"<{name}>{escape(text)}</{name}>" if text else "")
    out.append("</titleInfo>")
    if int(view.call_item) % 5 == 0 and m.script != "latn":
        out.append(
            f'<titleInfo type="alternative" transliteration="pinyin"><title>{escape(pinyin(m.title).capitalize())}</title></titleInfo>'
        )
    for number, agent in enumerate(view.agents):
        kind = "corporate" if agent.corporate else "personal"
        code = RELATORS.get(agent.role, "")
        role = f'<roleTerm type="code" authority="marcrelator">{code}</roleTerm>' if code else ""
        text = f'<roleTerm type="text">{escape(agent.role)}</roleTerm>' if agent.role else ""
        usage = ' usage="primary"' if number == 0 else ""
        country = f"({agent.country})" if agent.country and int(view.call_item) % 3 == 0 else ""
        roles = f"<role>{role}{text}</role>" if role or text else ""
        out.append(f'<name type="{kind}"{usage}><namePart>{escape(country + agent.name)}</namePart>{roles}</name>')
    out.append(f"<typeOfResource>{RESOURCE[m.carrier]}</typeOfResource>")
    if m.kind == "guji":
        out.append('<genre authority="local">古籍</genre>')
    elif m.kind == "thesis":
        out.append("<genre>学位论文</genre>")
    place = f'<place><placeTerm type="text">{escape(view.place)}</placeTerm></place>' if view.place else ""
    date = f"<dateIssued>{escape(view.date)}</dateIssued>" if view.date else ""
    edition = f"<edition>{escape(view.edition)}</edition>" if view.edition else ""
    issuance = "continuing" if m.kind == "serial" else "monographic"
    out.append(
        f"<originInfo>{place}<publisher>{escape(view.publisher)}</publisher>{date}{edition}<issuance>{issuance}</issuance></originInfo>"
    )
    out.append(f'<language><languageTerm type="code" authority="iso639-2b">{m.language}</languageTerm></language>')
    extent = "; ".join(filter(None, (view.extent, view.size)))
    form = '<form authority="marcform">electronic</form>' if m.carrier == "ebook" else ""
    if extent or form:
        out.append(
            f"<physicalDescription>{form}"
            + (f"<extent>{escape(extent)}</extent>" if extent else "")
            + "</physicalDescription>"
        )
    if m.note:
        out.append(f"<note{NOTE_TYPES.get(m.kind, '')}>{escape(m.note)}</note>")
    if view.abstract:
        out.append(f"<abstract>{escape(view.abstract)}</abstract>")
    for parts in m.subjects:
        out.append(
            '<subject authority="cct">' + "".join(f"<topic>{escape(part)}</topic>" for part in parts) + "</subject>"
        )
    if view.call_class:
        scheme = "sibu" if m.kind == "guji" else "clc"
        out.append(f'<classification authority="{scheme}">{escape(view.call_class)}</classification>')
    if view.series:
        out.append(
            f'<relatedItem type="series"><titleInfo><title>{escape(view.series)}</title></titleInfo></relatedItem>'
        )
    out += [f'<identifier type="isbn">{escape(text)}</identifier>' for text, _, _ in view.numbers]
    if m.issn:
        out.append(f'<identifier type="issn">{m.issn}</identifier>')
    for item in view.items:
        out.append(
            f"<location><physicalLocation>{item.location}</physicalLocation><shelfLocator>{escape(view.call_class)}/{view.call_item}</shelfLocator>"
            f"<holdingSimple><copyInformation><itemIdentifier>{item.barcode}</itemIdentifier></copyInformation></holdingSimple></location>"
        )
    if m.url:
        out.append(f"<location><url>{escape(m.url)}</url></location>")
    out.append("</mods>")
    return "".join(out)


def oai_record(identifier: str, datestamp: str, payload: str, deleted: bool) -> str:
    if deleted:
        return f'<record><header status="deleted"><identifier>{identifier}</identifier><datestamp>{datestamp}</datestamp></header></record>\n'
    return f"<record><header><identifier>{identifier}</identifier><datestamp>{datestamp}</datestamp></header><metadata>{payload}</metadata></record>\n"


def oai_head(base_url: str, prefix: str, day: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">\n'
        f'<responseDate>{day}T00:00:00Z</responseDate>\n<request verb="ListRecords" metadataPrefix="{prefix}">{base_url}</request>\n<ListRecords>\n'
    )


def oai_tail(token: str) -> str:
    return f"<resumptionToken>{token}</resumptionToken>\n</ListRecords>\n</OAI-PMH>\n"


def credit(view: View) -> str:
    """The persons in one cell of a table."""
    first, others = statement(view.agents, view.etal, view.bracket, ",")
    return " ".join((first, *others))
