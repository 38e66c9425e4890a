"""What is new in an answer? The mail it answers is cut away, and nothing that its writer may have typed."""

from __future__ import annotations

import re

from mailparser_reply import EmailReplyParser

LONGEST = 20_000  # characters that the patterns are run over; what is longer is cut only at our delimiter
LINE = 2_000
DELIMITER = "## reply above this line ##"
LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "sv", "da", "pl", "cs", "ja", "ko", "zh"]

# Where other programs say, in languages that the library does not know, that somebody wrote something: Portuguese,
# Russian, Finnish and Norwegian. Each is one line, or two where the program broke it.
WROTE = re.compile(
    r"^(?:"
    r"(?:Em|A|No dia) [^\n]{4,150}?\n?[^\n]{0,150}(?:escreveu|escribió|escreveste):"
    r"|[^\n]{4,150}?\n?[^\n]{0,150}(?:пишет|написал|написала|написал\(а\)):"
    r"|[^\n]{4,150}?\n?[^\n]{0,150}(?:kirjoitti|kirjoitti seuraavasti|skrev):"
    r")[ \t]*$",
    re.MULTILINE,
)
FORWARD = re.compile(
    r"^[ \t]*-{2,}[ \t]*(?:Mensagem original|Mensagem encaminhada|Исходное сообщение|Пересылаемое сообщение"
    r"|Alkuperäinen viesti|Välitetty viesti|Opprinnelig melding|Videresendt melding)[ \t]*-{2,}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
HEADERS = re.compile(
    r"^(?:De|От|Lähettäjä|Fra): [^\n]{1,300}\n(?:[^\n]{1,300}\n){0,2}?"
    r"(?:Enviad[ao](?: em)?|Отправлено|Дата|Lähetetty|Sendt|Dato): ",
    re.MULTILINE,
)
MOBILE = re.compile(
    r"^(?:Enviado d[oe] (?:meu|minha) |Отправлено с |Lähetetty (?:minun )?|Sendt fra )[^\n]{2,60}$", re.MULTILINE
)


def reply(text: str) -> str:
    """The newest part of a mail's text; a mail that is nothing but quotes is kept whole."""
    given = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    mine = _before_delimiter(given)
    if len(mine) <= LONGEST and max(map(len, mine.split("\n"))) <= LINE:
        mine = _parsed(mine)
    return mine.strip() or given


def _before_delimiter(text: str) -> str:
    place = text.lower().find(DELIMITER)
    if place < 0:
        return text
    head = text[:place].rstrip(" >\t\n*")
    # The line that says who wrote the quoted mail stands above the delimiter; the parsers below know it.
    return head if head.strip() else text


def _parsed(text: str) -> str:
    cut = text
    for pattern in (WROTE, FORWARD, HEADERS, MOBILE):
        if (found := pattern.search(cut)) and cut[: found.start()].strip():
            cut = cut[: found.start()]
    if not cut.strip():
        return text
    said = EmailReplyParser(languages=LANGUAGES).read(cut)
    first = next((one.content for one in said.replies if one.content.strip()), "") if said.replies else ""
    return _below_quote(text) or _as_written(cut, _without_quoted_end(first or cut))


def _below_quote(text: str) -> str:
    """What stands below one quote at the very top, and nothing quoted after it; '' if it is no such mail."""
    lines = text.split("\n")
    start = next((number for number, line in enumerate(lines[:4]) if line.lstrip().startswith(">")), None)
    if start is None or not (start == 0 or lines[start - 1].rstrip().endswith(":")):
        return ""
    end = start
    while end < len(lines) and (lines[end].lstrip().startswith(">") or not lines[end].strip()):
        end += 1
    below = lines[end:]
    is_one_quote = start <= 2 and not any(line.lstrip().startswith(">") for line in below)
    return "\n".join(below).strip() if is_one_quote else ""


def _as_written(text: str, reply: str) -> str:
    """The same lines with the blanks that their writer put behind them."""
    lines, kept = text.split("\n"), reply.split("\n")
    written = lines[: len(kept)]
    same = [line.rstrip() for line in written] == [line.rstrip() for line in kept]
    return "\n".join(written) if same else reply


def _without_quoted_end(text: str) -> str:
    """Lines that begin with `>` at the end belong to the mail before; between the lines they are part of the answer."""
    lines = text.rstrip().split("\n")
    while lines and (lines[-1].lstrip().startswith(">") or not lines[-1].strip()):
        lines.pop()
    return "\n".join(lines)
