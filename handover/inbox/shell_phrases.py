"""Which words do the scripts around the panes need: the line, the bell, idleness, days, windows?"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def words() -> dict[str, Promise]:
    """What these scripts say, put into words when it is read; `{name}` and the like are filled in by them."""
    return {**_bell(), **_line(), **_times(), **_panes(), **_files()}


def _bell() -> dict[str, Promise]:
    return {
        "rings_message": _("{name} has written"),
        "rings_offer": _("Offered to you: {name}"),
        "rings_mention": _("{name} named you in a note."),
        "rings_near": _("{name} must be answered soon"),
        "rings_late": _("{name} has waited too long"),
        "rings_returned": _("{name} was not taken by your colleague"),
        "rings_reminder": _("{name} still waits for your answer"),
        "denied": _("Your browser does not allow notices from this page. Its address bar has the switch."),
    }


def _line() -> dict[str, Promise]:
    return {
        "line_lost": _("Connection lost. What you send is kept and goes out when the line is back."),
        "line_now": _("Try now"),
        "line_trying": _("Connecting…"),
        "line_back": _("Connected again."),
        "desk_closed": _("Your desk was closed by an administrator."),
        "idle": _("You look away: no key and no pointer for a while. Any key brings you back."),
        "not_yours": _("This conversation is no longer yours to see."),
        "not_here": _("This conversation is not yours to see."),
        "joined_own": _("Two of your conversations are with one person: they go on in one."),
        "joined_other": _("One person with two conversations: yours goes on with {name}."),
        "erased": _("This customer was erased."),
        "no_answer": _("No answer. Try again."),
        "server_said": _("The server answered {status}."),
        "other_login": _("{name} is logged in here now. What you wrote is kept until you are back."),
        "load_again": _("Load the page again"),
        "broke": _("The connection broke."),
        "taken_out": _("It was taken out."),
        "press_again": _("{why} Read it; press again to close anyway."),
        "cancel": _("Cancel"),
        "close": _("Close"),
        "remove": _("Remove"),
    }


def _times() -> dict[str, Promise]:
    return {
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "time_left": _("{time} left"),
        "window_closed": _("window closed"),
        "hours": _("{hours} h {minutes} min"),
        "minutes": _("{minutes} min"),
        "sms": _("{count} SMS ({encoding}), {left} left"),
    }


def _panes() -> dict[str, Promise]:
    return {
        "journey_steps": _("Journey steps"),
        "events": _("Events"),
        "newer": _("Newest messages"),
        "below_one": _("1 new message"),
        "below": _("{count} new messages"),
        "earlier": _("Earlier messages"),
    }


def _files() -> dict[str, Promise]:
    return {
        "picture": _("Picture"),
        "previous_picture": _("Previous picture"),
        "next_picture": _("Next picture"),
        "not_along": _("Not sent: {name} cannot go along. Remove it, then send."),
        "too_large": _("Larger than {size} MB: it cannot be sent."),
        "as_link_image": _("{channel} takes no pictures: it goes as a link."),
        "as_link_audio": _("{channel} takes no recordings: it goes as a link."),
        "as_link_video": _("{channel} takes no videos: it goes as a link."),
        "as_link_file": _("{channel} takes no files: it goes as a link."),
        "uploading": _("Uploading {name}"),
        "remove_file": _("Remove {name}"),
        "empty_file": _("This file is empty."),
        "as_link_large": _("Larger than {channel} takes ({size} MB): it goes as a link."),
    }
