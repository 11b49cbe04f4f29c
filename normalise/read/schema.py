"""Which member of the MARC family a record belongs to. One file may mix them, so every record is looked at by itself."""

from __future__ import annotations

from schemas.marc import MarcField, MarcRecord, MarcSchema

# Tags that one family defines and the other does not, or uses for something of another shape.
_MARC21 = frozenset(
    (
        "003",
        "008",
        "040",
        "050",
        "082",
        "245",
        "246",
        "250",
        "260",
        "264",
        "336",
        "337",
        "338",
        "490",
        "650",
        "651",
        "655",
        "852",
        "880",
    )
)
_UNIMARC = frozenset(
    ("101", "102", "105", "106", "200", "205", "210", "215", "225", "606", "690", "701", "702", "711", "712", "801")
)
_CHINESE = frozenset(("049", "091", "092", "094", "096", "692", "696", "905", "906", "920"))
NLC_NAMESPACE = "http://www.nlc.cn/"


def schema_of(fields: list[MarcField], leader: str, *, hint: str = "", namespace: str = "") -> MarcSchema:
    """By the title field first, then by the other tags and the leader; the hint decides where these say nothing."""
    tags = {field.tag for field in fields}
    if namespace == NLC_NAMESPACE:
        return "cnmarc"
    if "245" in tags and "200" not in tags:
        return "marc21"
    if "200" in tags and "245" not in tags:
        return _unimarc(fields, tags, hint)
    score = len(tags & _MARC21) - len(tags & _UNIMARC)
    if score == 0 and hint in ("marc21", "cnmarc", "unimarc"):
        score = 1 if hint == "marc21" else -1
    if score == 0:
        score = -1 if leader[20:23] == "450" and leader[23:24] in " -#^" else 1
    return "marc21" if score > 0 else _unimarc(fields, tags, hint)


def _unimarc(fields: list[MarcField], tags: set[str], hint: str) -> MarcSchema:
    """CNMARC is the UNIMARC of Chinese agencies: told by agency, country, language and its own fields."""
    agencies = {field.get("a").strip().upper() for field in fields if field.tag == "801"} - {""}
    if "CN" in agencies:
        return "cnmarc"
    if "099" in tags and any(field.get("a").startswith("CAL") for field in fields if field.tag == "099"):
        return "cnmarc"  # the control number of CALIS
    if agencies:
        return "unimarc"
    if hint in ("cnmarc", "unimarc"):
        return hint  # type: ignore[return-value]
    countries = {field.get("a").strip().upper() for field in fields if field.tag == "102"} - {""}
    languages = {field.get("a").strip().lower() for field in fields if field.tag == "101"} - {""}
    if "CN" in countries or "chi" in languages or tags & _CHINESE:
        return "cnmarc"
    return "unimarc" if countries or languages else "cnmarc"


def charset_code(record: MarcRecord) -> tuple[str, str, int]:
    """What the record says of its characters: (the code, the codec it stands for or "", its place in the field).

    MARC 21: leader/09, blank is MARC-8 and a is Unicode. UNIMARC: 100 $a/26-29, of which 50 is ISO 10646.
    """
    if record.schema == "marc21":
        code = record.leader[9:10]
        return code, {"a": "utf-8", " ": "marc-8"}.get(code, ""), 9
    field = record.first("100")
    code = field.get("a")[26:30] if field else ""
    if len(code) < 4 or not code[:2].isdigit():
        return "", "", 26
    if code.startswith("50"):
        return code, "utf-8", 26
    return code, "cp1251" if code.endswith("89") else "other", 26
