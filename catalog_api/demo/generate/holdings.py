"""Copies in each library's own fields: 905 in four dialects, 852, 952."""

from __future__ import annotations

from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.shape import View

Field = tuple[str, str]
INTERLIB = {"available": "2", "loaned": "3", "processing": "1", "lost": "4", "withdrawn": "6", "reference": "2"}
LIBSYS = {
    "available": "可借",
    "loaned": "借出",
    "processing": "编目中",
    "lost": "丢失",
    "withdrawn": "剔除",
    "reference": "阅览",
}
NATIONAL = {
    "available": "在馆",
    "loaned": "借出",
    "processing": "编目中",
    "lost": "遗失",
    "withdrawn": "剔除",
    "reference": "阅览",
}


def national(view: View, house: House) -> list[Field]:
    """One 905 a copy: $a library $b barcode $c location $d class $e item number $f copies $z status; the call number is also in 096."""
    count = len(view.items)
    return [
        (
            "905",
            f"  \x1faZJSL\x1fb{i.barcode}\x1fc{i.location}\x1fd{view.call_class}\x1fe{view.call_item}\x1ff{count}\x1fz{NATIONAL[i.status]}",
        )
        for i in view.items
    ]


def interlib(view: View, house: House) -> list[Field]:
    """One 905 a copy: $a $b barcode $c location code $d class $e item number $f copy $p price $s state 1-6."""
    return [
        (
            "905",
            f"  \x1faHTCL\x1fb{i.barcode}\x1fc{i.location}\x1fd{view.call_class}\x1fe{view.call_item}\x1ff{i.copy}\x1fp{view.price}\x1fs{INTERLIB[i.status]}",
        )
        for i in view.items
    ]


def county(view: View, house: House) -> list[Field]:
    """All copies in one 905, the group $a location $b barcode $d class $e item number $f copies $s call number:place repeated."""
    if not view.items:
        return []
    count = len(view.items)
    groups = "".join(
        f"\x1fa{i.location}\x1fb{i.barcode}\x1fd{view.call_class}\x1fe{view.call_item}\x1ff{count}\x1fs{view.call_class}/{view.call_item}:{i.copy - 1}"
        for i in view.items
    )
    return [("905", f"  {groups}")]


def libsys(view: View, house: House) -> list[Field]:
    """One 905 a copy: $a library $f call number $b barcode $c location $d class $e item number $t acquired $s state in words."""
    call = f"{view.call_class}/{view.call_item}"
    return [
        (
            "905",
            f"  \x1faQTUT\x1ff{call}\x1fb{i.barcode}\x1fc{i.location}\x1fd{view.call_class}\x1fe{view.call_item}\x1ft{i.acquired}\x1fs{LIBSYS[i.status]}",
        )
        for i in view.items
    ]


def jinling(view: View, house: House) -> list[Field]:
    """One 905 a copy: $a library $s call number $b barcode $c location $v volume $y year $z copy $t state in words."""
    volume = f"\x1fv{view.part_number}" if view.part_number else ""
    year = f"\x1fy{view.date[:4]}" if view.m.kind in ("annual", "serial") and view.date else ""
    return [
        (
            "905",
            f"  \x1faJSPL\x1fs{view.call_class}/{view.call_item}\x1fb{i.barcode}\x1fc{i.location}{volume}{year}\x1fz{i.copy}\x1ft{NATIONAL[i.status]}",
        )
        for i in view.items
    ]


def alma(view: View, house: House) -> list[Field]:
    """One 852 a copy as Alma publishes with items: $b library $c location $h class $i item number $p barcode $t copy $z public note."""
    notes = {"reference": "\x1fz馆内阅览", "loaned": "", "available": ""}
    return [
        (
            "852",
            f"8 \x1fbMAIN\x1fc{i.location}\x1fh{view.call_class}\x1fi{view.call_item}\x1fp{i.barcode}\x1ft{i.copy}{notes.get(i.status, '')}",
        )
        for i in view.items
    ]


def koha(view: View, house: House) -> list[Field]:
    """One 952 a copy: $0 withdrawn $1 lost $7 not for loan $a home $b holding $c location $d acquired $o call number $p barcode $q due $t copy $y type."""
    fields = []
    for i in view.items:
        due = f"\x1fq{i.due}" if i.due else ""
        acquired = f"{i.acquired[:4]}-{i.acquired[4:6]}-{i.acquired[6:]}"
        state = f"\x1f0{int(i.status == 'withdrawn')}\x1f1{int(i.status == 'lost')}\x1f7{int(i.status == 'reference')}"
        fields.append(
            (
                "952",
                f"  {state}\x1faHSPL\x1fbHSPL\x1fc{i.location}\x1fd{acquired}\x1fo{view.call_class}/{view.call_item}\x1fp{i.barcode}{due}\x1ft{i.copy}\x1fyBK",
            )
        )
    return fields
