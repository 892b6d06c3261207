from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from apart import apart

from xl_jifen.excel.read import package as module
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package, Relation
from xl_jifen.finding import CannotRead

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def relations(*rows: str) -> str:
    body = "".join(f"<Relationship {row}/>" for row in rows)
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{body}</Relationships>'


def parts(**changes: str) -> dict[str, str | bytes]:
    """The parts of a small workbook with one worksheet, ``3月``."""
    sheet = '<sheet name="3月" sheetId="1" r:id="rId1"/>'
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheet}</sheets></workbook>'
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{changes.get("main", SHEET_TYPE)}"/></Types>',
        "_rels/.rels": relations(f'Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"'),
        "xl/workbook.xml": changes.get("book", book),
        "xl/_rels/workbook.xml.rels": relations(f'Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"'),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>',
    }


def zipped(content: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in content.items():
            info = zipfile.ZipInfo(name)
            info.filename = info.orig_filename = name
            info.compress_type = method
            file.writestr(info, data)
    return out.getvalue()


def refusal(data: bytes, name: str = "积分.xlsx", part: str | None = None) -> str:
    """The sentence with which a file (or the reading of one part) is refused."""
    with pytest.raises(CannotRead) as caught:
        Package.of(data, name).read(part or "xl/worksheets/sheet1.xml")
    return one_sentence(str(caught.value))


def one_sentence(text: str) -> str:
    assert text.endswith("。")
    assert text.count("。") == 1
    assert "\n" not in text
    return text


class TestReading:
    def test_the_sheets_come_in_the_order_of_the_tabs_and_without_charts(self, tmp_path: Path) -> None:
        path = tmp_path / "积分.xlsx"
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet("设置")
            chart = book.add_chart({"type": "column"})
            chart.add_series({"values": "=设置!$A$1:$A$2"})
            book.add_chartsheet("图").set_chart(chart)
            book.add_worksheet("3月")
        package = Package.open(path)
        assert list(package.sheets.items()) == [
            ("设置", "xl/worksheets/sheet1.xml"),
            ("3月", "xl/worksheets/sheet2.xml"),
        ]
        assert package.name == "积分.xlsx"
        assert package.data == path.read_bytes()
        assert [info.filename for info in package.infos] == list(package.parts)
        assert not package.date1904

    def test_the_1904_system_is_told(self) -> None:
        book = parts()["xl/workbook.xml"]
        assert isinstance(book, str)
        macro = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        package = Package.of(
            zipped(parts(book=book.replace("<sheets>", '<workbookPr date1904="1"/><sheets>'), main=macro)), ""
        )
        assert package.date1904

    def test_part_names_ignore_case_and_the_kind_of_slash(self) -> None:
        content = {
            name.replace("/", "\\").upper() if "sheet1" in name else name: data for name, data in parts().items()
        }
        package = Package.of(zipped(content), "")
        assert package.sheets == {"3月": "XL\\WORKSHEETS\\SHEET1.XML"}
        assert "xl/worksheets/sheet1.xml" in package
        assert b"sheetData" in package.read("xl/Worksheets/Sheet1.xml")

    @pytest.mark.parametrize(
        "target",
        [
            "worksheets/sheet1.xml",
            "/xl/worksheets/sheet1.xml",
            "worksheets\\sheet1.xml",
            "../xl/./worksheets/sheet1.xml",
            "../../../xl/worksheets/sheet1.xml",
            "worksheets/sheet%31.xml",
            "Worksheets/Sheet1.xml",
        ],
    )
    def test_odd_targets_are_found(self, target: str) -> None:
        content = parts()
        content["xl/_rels/workbook.xml.rels"] = relations(f'Id="rId1" Type="{OFFICE}/worksheet" Target="{target}"')
        assert Package.of(zipped(content), "").sheets == {"3月": "xl/worksheets/sheet1.xml"}

    def test_a_workbook_lies_anywhere_and_may_be_strict(self) -> None:
        strict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
        content = {name.replace("xl/", "book/"): data for name, data in parts().items()}
        content["_rels/.rels"] = relations(f'Id="a" Type="{strict}/officeDocument" Target="/book/workbook.xml"')
        content["book/_rels/workbook.xml.rels"] = relations(
            f'Id="rId1" Type="{strict}/worksheet" Target="worksheets/sheet1.xml"'
        )
        package = Package.of(zipped(content), "")
        assert package.workbook == "book/workbook.xml"
        assert package.sheets == {"3月": "book/worksheets/sheet1.xml"}

    def test_relations_keep_type_and_url(self) -> None:
        content = parts()
        content["xl/worksheets/_rels/sheet1.xml.rels"] = relations(
            f'Id="rId7" Type="{OFFICE}/hyperlink" Target="https://example.org/a" TargetMode="External"'
        )
        package = Package.of(zipped(content), "")
        link = Relation("rId7", f"{OFFICE}/hyperlink", "https://example.org/a", True)
        assert package.relations("xl/worksheets/sheet1.xml") == (link,)
        assert link.type == "hyperlink"
        assert package.relations("[Content_Types].xml") == ()

    def test_utf16_prefixes_folders_and_stored_entries_are_read(self) -> None:
        content: dict[str, str | bytes] = {"xl/": b"", **parts()}
        book = content["xl/workbook.xml"]
        assert isinstance(book, str)
        prefixed = book.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
        content["xl/workbook.xml"] = prefixed.encode("utf-16")
        package = Package.of(zipped(content, zipfile.ZIP_STORED), "")
        assert list(package.sheets) == ["3月"]
        assert "xl/" not in package.parts

    @pytest.mark.slow
    @apart
    def test_a_hundred_megabytes_of_photos_pass(self, tmp_path: Path) -> None:
        content: dict[str, str | bytes] = {
            **parts(),
            **{f"xl/media/{i}.jpg": os.urandom(1 << 20) * 10 for i in range(10)},
        }
        package = Package.of(zipped(content, zipfile.ZIP_STORED), "")
        assert len(package.data) > 100 << 20
        assert len(package.read("xl/media/3.jpg")) == 10 << 20

    def test_an_svg_picture_may_have_its_doctype(self) -> None:
        svg = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" ""><svg/>'
        assert Package.of(zipped({**parts(), "xl/media/a.svg": svg}), "").read("xl/media/a.svg") == svg.encode()


class TestRefusals:
    def test_a_folder_and_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(CannotRead, match="是文件夹"):
            Package.open(tmp_path)
        with pytest.raises(CannotRead, match="找不到文件") as caught:
            Package.open(tmp_path / "没有.xlsx")
        one_sentence(str(caught.value))
        with pytest.raises(CannotRead, match=r"读不了文件|找不到文件"):
            Package.open(tmp_path / "a\0b.xlsx")

    @pytest.mark.skipif(os.name == "nt", reason="named pipes of POSIX")
    def test_what_is_no_ordinary_file(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "管道.xlsx")
        with pytest.raises(CannotRead, match="不是普通文件"):
            Package.open(tmp_path / "管道.xlsx")

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (PermissionError(13, "denied"), "没有读取“积分.xlsx”的权限"),
            (OSError(5, "I/O"), "读不了文件“积分.xlsx”；请检查磁盘或网络"),
        ],
    )
    def test_errors_of_the_system(
        self, error: OSError, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "积分.xlsx"
        path.write_bytes(b"x")
        monkeypatch.setattr(Path, "read_bytes", fails(error))
        with pytest.raises(CannotRead, match=words) as caught:
            Package.open(path)
        one_sentence(str(caught.value))

    def test_a_file_that_another_program_holds(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "积分.xlsx"
        path.write_bytes(b"x")
        error = PermissionError(13, "sharing violation")
        error.winerror = 32  # type: ignore[attr-defined]
        monkeypatch.setattr(Path, "read_bytes", fails(error))
        with pytest.raises(CannotRead, match="正被别的程序占用；请先在 Excel 或 WPS 中关闭它"):
            Package.open(path)

    @pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", lambda: 0)() == 0, reason="needs an ordinary user")
    def test_a_file_without_rights(self, tmp_path: Path) -> None:
        path = tmp_path / "积分.xlsx"
        path.write_bytes(zipped(parts()))
        path.chmod(stat.S_IWUSR)
        with pytest.raises(CannotRead, match="没有读取"):
            Package.open(path)

    def test_a_file_too_large_to_hold(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "LARGEST_FILE", 1 << 20)
        path = tmp_path / "积分.xlsx"
        path.write_bytes(bytes((1 << 20) + 1))
        with pytest.raises(CannotRead, match=r"太大（超过 1 MB）"):
            Package.open(path)

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "是空文件"),
            (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "是网页（HTML）"),
            ("\ufeff<!DOCTYPE html><p>积分".encode(), "是网页（HTML）"),
            ("日期,姓名,分值\n2026-03-01,张伟,2\n".encode("gbk"), "是文本文件（如 CSV）"),
            ("日期\t姓名".encode("utf-16"), "是文本文件（如 CSV）"),
            (
                b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
                b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
                "是“XML 表格 2003”",
            ),
            (b"<?xml version='1.0'?><a/>", "是 XML 文件"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "是图片，只是改了扩展名"),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "是 PDF 文件，只是改了扩展名"),
            (b"Rar!\x1a\7\0", "是压缩包，只是改了扩展名"),
            (
                b"%TSD-Header-###%" + bytes(range(256)) * 8,
                "请在加密软件中解密，或请管理员放行 python.exe",
            ),
            (bytes(range(200, 0, -1)) * 20, "可能被单位的文档加密软件加密"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le"), "是旧版格式（.xls）"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "设有打开密码"),
            (zipped(parts())[:-200], "不完整或已损坏"),
            (zipped(parts())[:300], "不完整或已损坏"),
            (b"PK\5\6" + bytes(18), "里面没有工作簿"),
        ],
    )
    def test_what_is_not_a_whole_zip(self, data: bytes, words: str) -> None:
        sentence = refusal(data)
        assert words in sentence
        assert "“积分.xlsx”" in sentence
        assert "请" in sentence

    def test_the_owner_file_of_an_open_workbook(self) -> None:
        assert "临时文件" in refusal(b"\x05admin" + bytes(159), "~$积分.xlsx")

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}, ".ods"),
            ({"照片/1.jpg": b"x"}, "里面没有工作簿"),
            ({**parts(main="application/vnd.ms-excel.sheet.binary.macroEnabled.main")}, ".xlsb"),
            (
                {**parts(main="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml")},
                "Word 或 PowerPoint",
            ),
        ],
    )
    def test_zips_of_another_kind(self, content: dict[str, str | bytes], words: str) -> None:
        assert words in refusal(zipped(content))

    @pytest.mark.parametrize("missing", ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"])
    def test_missing_parts(self, missing: str) -> None:
        content = parts()
        del content[missing]
        sentence = refusal(zipped(content))
        assert "已损坏（缺少" in sentence
        assert missing in sentence or "3月" in sentence
        assert "备份" in sentence

    def test_a_sheet_without_relation_or_named_twice(self) -> None:
        content = parts()
        content["xl/_rels/workbook.xml.rels"] = relations()
        package = Package.of(zipped(content), "积分.xlsx")
        assert package.broken == {"3月"}
        with pytest.raises(CannotRead, match="缺少工作表“3月”的部件"):
            read_grids(package)
        book = str(parts()["xl/workbook.xml"])
        twice = book.replace("</sheets>", '<sheet name="4月" sheetId="2" r:id="rId1"/></sheets>')
        assert "工作表“4月”重复" in refusal(zipped(parts(book=twice)))

    @pytest.mark.parametrize(
        "name", ["../evil.xml", "//etc/passwd", "xl/../../evil.xml", "C:/evil.xml", "\\\\host\\evil", "a\nb"]
    )
    def test_names_that_leave_the_package(self, name: str) -> None:
        assert "不安全的部件名" in refusal(zipped({**parts(), name: "x"}))

    def test_entries_that_are_one_name_in_two_cases(self) -> None:
        assert "重复" in refusal(zipped({**parts(), "XL/Workbook.XML": "<a/>"}))

    @pytest.mark.slow
    def test_too_many_entries(self) -> None:
        names = {f"xl/media/{number}.png": b"" for number in range(module.MOST_PARTS)}
        assert "太多" in refusal(zipped({**parts(), **names}, zipfile.ZIP_STORED))

    @pytest.mark.slow
    def test_too_many_declared_parts(self) -> None:
        declared = "".join(f'<Override PartName="/{n}" ContentType="a/b"/>' for n in range(module.MOST_PARTS))
        types = str(parts()["[Content_Types].xml"]).replace("</Types>", f"{declared}</Types>")
        assert "声明的部件超过" in refusal(zipped({**parts(), "[Content_Types].xml": types}))

    @pytest.mark.slow
    def test_too_many_relations(self) -> None:
        rows = "".join(f'<Relationship Id="x{n}" Type="a/b" Target="c{n}"/>' for n in range(module.MOST_PARTS))
        rels = str(parts()["xl/_rels/workbook.xml.rels"]).replace("</Relationships>", f"{rows}</Relationships>")
        assert "关联超过" in refusal(zipped({**parts(), "xl/_rels/workbook.xml.rels": rels}))

    def test_an_encrypted_entry(self) -> None:
        data = bytearray(zipped(parts()))
        at = data.rfind(b"PK\1\2")
        data[at + 8] |= 1
        assert "加了密码的压缩包" in refusal(bytes(data))

    def test_an_odd_compression(self) -> None:
        assert "压缩方式" in refusal(zipped(parts(), zipfile.ZIP_LZMA))

    @pytest.mark.slow
    def test_a_bomb_in_a_part_nobody_reads(self) -> None:
        assert "压缩比异常" in refusal(zipped({**parts(), "xl/media/a.png": bytes(48 << 20)}))

    def test_sizes_in_sum_and_of_a_part(self, monkeypatch: pytest.MonkeyPatch) -> None:
        data = zipped({**parts(), "xl/a.xml": "<a>" + "x" * 3_000_000 + "</a>"})
        monkeypatch.setattr(module, "LARGEST_PART", 1 << 20)
        assert "内部的 xl/a.xml 太大（超过 1 MB）" in refusal(data, part="xl/a.xml")
        monkeypatch.setattr(module, "LARGEST_SUM", 2 << 20)
        assert "解压后太大（超过 2 MB）" in refusal(data)

    @pytest.mark.slow
    def test_a_part_longer_than_it_declares_is_not_expanded(self) -> None:
        data = zipped({**parts(), "xl/bomb.xml": bytes(200 << 20)})
        at = data.find(b"PK\1\2", data.find(b"PK\1\2") + 1)
        while data[at + 46 : at + 57] != b"xl/bomb.xml":
            at = data.find(b"PK\1\2", at + 1)
        lying = data[: at + 24] + struct.pack("<I", 1000) + data[at + 28 :]
        assert "与校验码不符" in refusal(lying, part="xl/bomb.xml")

    def test_a_flipped_bit_is_noticed_when_the_part_is_read(self) -> None:
        data = bytearray(zipped(parts(), zipfile.ZIP_STORED))
        data[data.find(b"sheetData")] ^= 1
        assert "与校验码不符" in refusal(bytes(data))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("lead", ["", " ", "\n" * 9000, '<?xml version="1.0"?>\n', "<!-- " + "x" * 9000 + " -->"])
    def test_entities_in_any_encoding(self, encoding: str, lead: str) -> None:
        evil = lead + '<!DOCTYPE worksheet [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'
        content = {**parts(), "xl/worksheets/sheet1.xml": evil.encode(encoding)}
        assert "不安全的内容" in refusal(zipped(content))

    @pytest.mark.parametrize(
        "part", ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"]
    )
    def test_entities_and_broken_xml_in_every_part_that_is_parsed(self, part: str) -> None:
        content = parts()
        content[part] = '<!DOCTYPE a [<!ENTITY b "c">]>' + str(content[part])
        assert "不安全的内容" in refusal(zipped(content))
        content[part] = str(parts()[part])[:-3]
        assert "不是完好的 XML" in refusal(zipped(content))

    @pytest.mark.parametrize("encoding", ["cp037", "utf-7", "gb2312", "iso-8859-1"])
    def test_encodings_in_which_an_entity_could_hide(self, encoding: str) -> None:
        content = {**parts(), "xl/worksheets/sheet1.xml": f"<?xml version='1.0' encoding='{encoding}'?><a/>"}
        assert "文字编码" in refusal(zipped(content))


def fails(error: OSError) -> Callable[[Path], bytes]:
    def read_bytes(path: Path) -> bytes:
        raise error

    return read_bytes


def test_the_checksum_is_the_one_of_zip() -> None:
    package = Package.of(zipped(parts()), "")
    for info in package.infos:
        assert zlib.crc32(package.read(info.filename)) == info.CRC
