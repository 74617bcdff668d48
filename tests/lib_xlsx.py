"""Reads a workbook back with the standard library alone. As a program: prints the cells of FILE, one a line,
as SHEET CELL KIND FORMAT VALUE, separated by tabs; kind is n (number) or s (text)."""
import io
import re
import sys
import zipfile
from xml.etree import ElementTree

NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def unescape(text):
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def formats(book):
    styles = ElementTree.fromstring(book.read("xl/styles.xml"))
    own = {f.get("numFmtId"): f.get("formatCode") for f in styles.iter(f"{NS}numFmt")}
    return [own.get(xf.get("numFmtId"), xf.get("numFmtId")) for xf in styles.find(f"{NS}cellXfs")]


class Sheet:
    def __init__(self, book, number, looks):
        self.xml = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
        self.cells = {}
        for cell in self.xml.iter(f"{NS}c"):
            if cell.find(f"{NS}f") is not None:
                raise AssertionError(f"{cell.get('r')} is a formula")
            look = looks[int(cell.get("s", 0))]
            if cell.get("t") == "inlineStr":
                text = "".join(t.text or "" for t in cell.iter(f"{NS}t"))
                self.cells[cell.get("r")] = ("s", look, unescape(text))
            elif cell.find(f"{NS}v") is not None:
                self.cells[cell.get("r")] = ("n", look, cell.find(f"{NS}v").text)

    def value(self, cell):
        return self.cells.get(cell, (None, None, None))[2]

    def row(self, number):
        found = {name: cell for name, cell in self.cells.items() if re.sub("[A-Z]", "", name) == str(number)}
        return [found[name][2] for name in sorted(found, key=lambda name: (len(name), name))]

    def height(self):
        return max(int(re.sub("[A-Z]", "", name)) for name in self.cells)

    def frozen(self):
        pane = self.xml.find(f".//{NS}pane")
        return pane is not None and pane.get("state") == "frozen" and pane.get("ySplit")


def read(data):
    """{name of a sheet: Sheet}"""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        if book.testzip():
            raise AssertionError("a damaged workbook")
        if any("externalLink" in name or "hyperlink" in name for name in book.namelist()):
            raise AssertionError("a workbook with links")
        looks = formats(book)
        names = [s.get("name") for s in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{NS}sheet")]
        return {name: Sheet(book, n + 1, looks) for n, name in enumerate(names)}


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as given:
        for title, sheet in read(given.read()).items():
            for at, (kind, look, value) in sheet.cells.items():
                print(title, at, kind, look, repr(value), sep="\t")
