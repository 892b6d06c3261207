"""The check code (校验码) as a QR code (二维码), which a phone reads off paper. Draws only; the code is the page's."""

from __future__ import annotations


def seal(code: str) -> str:
    """An SVG of the QR code of exactly that text, without a border; empty for an empty text.

    Empty too where segno is not installed: the code itself is always printed beside it.
    """
    try:
        import segno
    except ImportError:
        return ""
    svg: str = segno.make_qr(code, error="m").svg_inline(border=0, omitsize=True) if code else ""
    return svg
