"""What a phone reads off paper (二维码): a sentence with the whole 校验码. Draws only; the sentence is the page's."""

from __future__ import annotations


def seal(sentence: str) -> str:
    """An SVG of the QR code of exactly that text, without a border; empty for an empty text.

    Empty too where segno is not installed: the code itself is always printed beside it.
    """
    try:
        import segno
    except ImportError:
        return ""
    svg: str = segno.make_qr(sentence, error="l").svg_inline(border=0, omitsize=True) if sentence else ""
    return svg
