"""Workbooks written as the formats say, without the library that reads them."""

import datetime
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

Cell = str | float | bool | datetime.date | None

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_DAY = 1
"""The style of dates: the second of the styles below."""


def an_xlsx(
    path: Path, sheets: Mapping[str, Sequence[Sequence[Cell]]], joined: Sequence[str] = ()
) -> Path:
    """Write a workbook of Excel (ECMA-376); cells are joined in its first sheet."""
    names = list(sheets)
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", _content_types(len(names)))
        package.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        inner = [("worksheet", f"worksheets/sheet{n + 1}.xml") for n in range(len(names))]
        package.writestr(
            "xl/_rels/workbook.xml.rels", _relations([*inner, ("styles", "styles.xml")])
        )
        package.writestr("xl/styles.xml", _STYLES)
        package.writestr("xl/workbook.xml", _workbook(names))
        for number, rows in enumerate(sheets.values()):
            ranges = joined if number == 0 else ()
            package.writestr(f"xl/worksheets/sheet{number + 1}.xml", _sheet(rows, ranges))
    return path


def an_ods(path: Path, rows: Sequence[Sequence[Cell]]) -> Path:
    """Write a workbook of OpenDocument (ISO/IEC 26300) with one sheet."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    body = "".join(
        "<table:table-row>" + "".join(map(_ods_cell, row)) + "</table:table-row>" for row in rows
    )
    spaces = " ".join(f'xmlns:{one}="{_OFFICE}:{one}:1.0"' for one in ("office", "table", "text"))
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="Rows">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", kind)
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", f'<manifest xmlns="{_OFFICE}:manifest:1.0"/>')
    return path


_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts><font/></fonts><fills><fill/></fills>'
    "<borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
    '<cellXfs><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def _content_types(sheets: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = [("workbook", "sheet.main"), ("styles", "styles")]
    parts += [(f"worksheets/sheet{number + 1}", "worksheet") for number in range(sheets)]
    told = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{kind}.{name}+xml"/>'
        for part, name in parts
    )
    links = f'<Default Extension="rels" ContentType="{_PACKAGE}.relationships+xml"/>'
    return f'<Types xmlns="{_PACKAGE}/content-types">{links}{told}</Types>'


def _relations(parts: Sequence[tuple[str, str]]) -> str:
    told = "".join(
        f'<Relationship Id="r{number + 1}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'


def _workbook(names: Sequence[str]) -> str:
    told = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="r{number}"/>'
        for number, name in enumerate(names, 1)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{told}</sheets></workbook>'


def _sheet(rows: Sequence[Sequence[Cell]], joined: Sequence[str]) -> str:
    body = "".join(
        f'<row r="{number}">'
        + "".join(_xlsx_cell(f"{chr(65 + place)}{number}", cell) for place, cell in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    ranges = "".join(f'<mergeCell ref="{one}"/>' for one in joined)
    merged = f"<mergeCells>{ranges}</mergeCells>" if ranges else ""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData>{merged}</worksheet>'


def _xlsx_cell(place: str, cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
        case datetime.date():
            days = (cell - datetime.date(1899, 12, 30)).days
            return f'<c r="{place}" s="{_DAY}"><v>{days}</v></c>'
        case _:
            return f'<c r="{place}"><v>{cell}</v></c>'


def _ods_cell(cell: Cell) -> str:
    match cell:
        case None:
            return "<table:table-cell/>"
        case float() | int():
            return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
        case _:
            text = f"<text:p>{escape(str(cell))}</text:p>"
            return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
