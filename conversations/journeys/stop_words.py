"""Does somebody ask us to stop writing, or to begin again? Whole messages only, in the languages below. Pure.

The English words are what carriers demand (CTIA), but for CANCEL, END and QUIT, which end a journey here and not the
writing. "Stop my modem" is no opt-out: nobody is taken off a list for words inside a sentence. Left out, too, are words
that answer questions in another language (Turkish "dur" and "red", Spanish "alto").
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from conversations.journeys.matching import normal

STOP = {
    "en": "stop; stopall; stop all; unsubscribe; optout; opt out; revoke; remove me; stop messages; no more messages",
    "es": "baja; darme de baja; parar; cancelar suscripción; no más mensajes; detener",
    "pt": "parar; pare; sair da lista; cancelar inscrição; descadastrar; remover",
    "fr": "arrêt; arrêter; désabonner; désinscrire; se désabonner; stop sms; plus de messages",
    "de": "stopp; abmelden; abbestellen; austragen; keine nachrichten; keine nachrichten mehr",
    "it": "ferma; basta messaggi; disiscrivi; disiscrivimi; cancellami; annulla iscrizione",
    "nl": "afmelden; uitschrijven; geen berichten; geen berichten meer",
    "sv": "stopp; avregistrera; avsluta prenumeration; avanmäl; inga fler meddelanden",
    "da": "stop; afmeld; frameld; ingen flere beskeder",
    "nb": "stopp; avmeld; meld av; ingen flere meldinger",
    "fi": "lopeta; peruuta tilaus; poista listalta; ei enää viestejä",
    "pl": "wypisz; wypisz mnie; zrezygnuj; rezygnuję; koniec wiadomości",
    "cs": "odhlásit; odhlásit odběr; už nepište",
    "ro": "dezabonare; dezabonează mă; opriți",
    "hu": "leiratkozás; leiratkozom; állj",
    "el": "διακοπή; διαγραφή; σταματήστε",
    "tr": "iptal abonelik; listeden çık; abonelikten çık; mesaj istemiyorum",
    "ru": "стоп; отписаться; отпишите меня; отказ от рассылки",
    "uk": "стоп; відписатися; відпишіть мене",
    "ar": "توقف; إيقاف; الغاء الاشتراك; إلغاء الاشتراك",
    "he": "הסר; הסרה; עצור",
    "hi": "रोकें; बंद करें; सदस्यता समाप्त करें",
    "id": "berhenti; berhenti langganan; stop langganan",
    "vi": "dừng; hủy đăng ký; ngừng",
    "th": "หยุด; ยกเลิกการสมัคร",
    "ja": "配信停止; 停止; 登録解除; 配信を停止",
    "ko": "수신거부; 중지; 구독취소",
    "zh": "退订; 退訂; 停止; 取消订阅; 取消訂閱",
}
AGAIN = {
    "en": "start; unstop; subscribe again",
    "es": "alta; reanudar",
    "pt": "retomar; reiniciar mensagens",
    "fr": "reprendre; réabonner",
    "de": "starten; wieder anmelden",
    "it": "riprendi",
    "nl": "hervatten",
    "sv": "starta; börja igen",
    "pl": "wznów",
    "tr": "başlat",
    "ru": "старт",
    "ja": "再開",
    "ko": "재개",
    "zh": "恢复; 恢復",
}


class Wish(NamedTuple):
    """What is wanted, and by which word of the tables; what the customer wrote is not repeated."""

    kind: Literal["stop", "again"]
    word: str
    language: str


def wish(text: str) -> Wish | None:
    """What the whole message asks for, None for everything else."""
    return _KNOWN.get(normal(text)) if text.strip() else None


def _known() -> dict[str, Wish]:
    found: dict[str, Wish] = {}
    tables: tuple[tuple[Literal["stop", "again"], dict[str, str]], ...] = (("stop", STOP), ("again", AGAIN))
    for kind, table in tables:
        for language, words in table.items():
            for word in words.split("; "):
                found.setdefault(normal(word), Wish(kind, word.upper(), language))
    return found


_KNOWN = _known()
