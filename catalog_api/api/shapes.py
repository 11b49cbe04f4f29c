"""What the API answers, as pydantic models. The description itself is `schemas.bib.BibRecord`, turned into a model field by field."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from pydantic import BaseModel, Field, create_model

from schemas.bib import BibRecord
from schemas.holding import Holding
from schemas.member import Member, Name

_models: dict[type[msgspec.Struct], type[BaseModel]] = {}


def model_of(struct: type[msgspec.Struct]) -> type[BaseModel]:
    """The pydantic model of a msgspec struct: same fields, same defaults, for documentation and for the answer's shape."""
    if struct not in _models:
        hints = get_type_hints(struct, include_extras=True)
        fields: dict[str, Any] = {}
        for field in msgspec.structs.fields(struct):
            default: dict[str, Any] = {}
            if field.default_factory is not msgspec.NODEFAULT:
                default["default_factory"] = field.default_factory
            elif field.default is not msgspec.NODEFAULT:
                default["default"] = field.default
            taken = hasattr(BaseModel, field.name)  # copy
            name = f"{field.name}_" if taken else field.name
            fields[name] = (_annotation(hints[field.name]), Field(alias=field.name if taken else None, **default))
        _models[struct] = create_model(struct.__name__, __doc__=struct.__doc__, **fields)
    return _models[struct]


def _annotation(hint: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return model_of(hint)
    origin = get_origin(hint)
    if origin in (list, tuple):
        return list[_annotation(get_args(hint)[0])]  # type: ignore[misc]
    if origin in (Union, UnionType):
        return Union[tuple(_annotation(a) for a in get_args(hint))]  # noqa: UP007
    return hint


BibModel = model_of(BibRecord)
HoldingModel = model_of(Holding)


class Bilingual(BaseModel):
    zh: str
    en: str


class Hit(BaseModel):
    id: int = Field(description="版本的编号 · id of the edition (cluster)")
    url: str = Field(description="永久链接 · permalink")
    title: str
    subtitle: str = ""
    responsibility: str = ""
    publisher: str = ""
    place: str = ""
    year: int | None = None
    edition: str = ""
    series: str = ""
    type: str = Field(description="文献类型 · type", examples=["book"])
    isbn: str = ""
    members: list[str] = Field(description="有馆藏的成员馆代码 · codes of the libraries that hold it")
    copies: int = Field(description="馆藏册数 · copies")
    available: int = Field(description="现可借册数 · copies that can be lent now")
    online: bool = False
    summary: str = ""


class FacetValue(BaseModel):
    value: str = Field(description="用作筛选的值 · what to filter by")
    label: Bilingual
    count: int
    selected: bool


class Facet(BaseModel):
    name: str
    label: Bilingual
    values: list[FacetValue]


class SearchAnswer(BaseModel):
    query: str = Field(description="所理解的检索式 · the query as understood, in its canonical form")
    notes: list[Bilingual] = Field(
        description="检索式中没能理解之处 · what could not be understood, and what was done instead"
    )
    total: int
    page: int
    size: int
    hits: list[Hit]
    facets: list[Facet]
    links: dict[str, str] = Field(description="self, next, prev")
    milliseconds: float


class Suggestions(BaseModel):
    titles: list[str]


class MemberShape(BaseModel):
    code: str
    name: Name
    short: Name | None = None
    system: Literal["public", "university", "research", "bookshop"]
    kind: str
    region: list[str] = Field(description="GB/T 2260, 由省到县 · from province down")
    isil: str = ""
    address: Name | None = None
    services: list[str] = Field(description="loan 借书, copy 复制")

    @classmethod
    def of(cls, member: Member) -> MemberShape:
        return cls(
            code=member.code,
            name=member.name,
            short=member.short,
            system=member.system,
            kind=member.kind,
            region=member.region,
            isil=member.isil,
            address=member.address,
            services=list(member.lending.supplies),
        )


class Members(BaseModel):
    members: list[MemberShape]


class SourceRecord(BaseModel):
    """One library's own description of the edition."""

    id: int
    member: str
    source: str
    local_id: str = Field(description="该馆的控制号 · control number in that library")
    schema_: Annotated[str, Field(serialization_alias="schema", description="cnmarc, unimarc, marc21, dc, mods, csv")]
    changed: str
    description: BibModel  # type: ignore[valid-type]


class ProvenanceShape(BaseModel):
    member: str
    record: int


class Holdings(BaseModel):
    id: int
    copies: int
    available: int
    holdings: list[HoldingModel]  # type: ignore[valid-type]


class RecordAnswer(BaseModel):
    """An edition: the merged description, where each field comes from, who has it, and what each library says of it."""

    id: int
    url: str
    datestamp: str
    members: list[str]
    description: BibModel  # type: ignore[valid-type]
    provenance: dict[str, list[ProvenanceShape]] = Field(
        description="字段名 → 取自哪些馆的记录，首选在前 · field -> the records its value was taken from, best first"
    )
    holdings: list[HoldingModel]  # type: ignore[valid-type]
    records: list[SourceRecord]
    formats: dict[str, str] = Field(description="同一记录的其他格式 · the same record in other formats")
