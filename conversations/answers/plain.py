"""How does an article's Markdown read where nothing but plain words and links can be shown? Which is everywhere."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^\s*(```|~~~)")
_RULE = re.compile(r"^\s*(?:[-*_]\s*){3,}$|^\s*=+\s*$")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_ITEM = re.compile(r"^(\s*)(?:[-*+]|(\d{1,3})[.)])\s+(.*)$")
_QUOTE = re.compile(r"^\s{0,3}>\s?")
_LINK = re.compile(r"!?\[([^\]\[]*)\]\(\s*<?((?:[^\s()<>]|\([^\s()<>]*\))+)>?(?:\s+\"[^\"]*\")?\s*\)")
_BARE = re.compile(r"<((?:https?://|mailto:|tel:)[^\s<>]+)>", re.IGNORECASE)
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_STAR = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=\S)\*(?![\w*])")
_UNDERLINE = re.compile(r"(?<![\w_])_(?=[^\s_])([^_]+?)(?<=\S)_(?![\w_])")
_CODE = re.compile(r"`([^`]+)`")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|-])")
_SAFE = ("http://", "https://", "mailto:", "tel:")


def plain(markdown: str) -> str:
    """Plain text: paragraphs on one line, bullets as dots, `[words](address)` as `words: address`.

    Addresses other than of the web, of mail and of telephones are left out; tags stay the characters that they are.
    """
    blocks: list[str] = []
    is_joined = is_code = False
    for line in markdown.replace("\r\n", "\n").expandtabs(4).split("\n"):
        if _FENCE.match(line):
            is_code, is_joined = not is_code, False
        elif is_code:
            blocks.append(line)
        else:
            is_joined = _take(blocks, line, is_joined)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(blocks)).strip()


def _take(blocks: list[str], line: str, is_joined: bool) -> bool:
    """Adds one line; True if the next one may go on with it."""
    line = _QUOTE.sub("", line)
    if not line.strip() or _RULE.match(line):
        blocks.append("")
        return False
    if found := _HEADING.match(line):
        blocks.extend(["", _inline(found[1])])
        return False
    if found := _ITEM.match(line):
        mark = f"{found[2]}." if found[2] else "•"
        blocks.append(f"{'  ' * (len(found[1]) // 2)}{mark} {_inline(found[3])}")
    elif is_joined:
        blocks[-1] = f"{blocks[-1]} {_inline(line.strip())}"
    else:
        blocks.append(_inline(line.strip()))
    return not line.endswith(("  ", "\\"))


def _inline(text: str) -> str:
    """The words of one line. What is escaped is kept from being read as a mark."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[1])
        return f"\x00{len(kept) - 1}\x00"

    text = _CODE.sub(keep, _ESCAPED.sub(keep, text.replace("\x00", "")))
    text = _BARE.sub(r"\1", _LINK.sub(_link, text))
    for mark in (_STRONG, _STAR, _UNDERLINE):
        text = mark.sub(lambda found: found[found.re.groups], text)
    return re.sub("\x00(\\d+)\x00", lambda found: kept[int(found[1])], text.rstrip("\\").rstrip())


def _link(found: re.Match[str]) -> str:
    words, address = found[1].strip(), found[2]
    if not address.lower().startswith(_SAFE):
        return words
    shown = re.sub("^(mailto|tel):", "", address, flags=re.IGNORECASE)
    return shown if not words or words == shown else f"{words}: {shown}"
