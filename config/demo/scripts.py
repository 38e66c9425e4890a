"""What did the demo's customers and agents say to each other? Pure: plots as lists of lines for the player."""

from __future__ import annotations

from collections.abc import Callable

Line = tuple[str, ...]
Plot = list[Line]

CHAIRS = ("Ergo task chair", "Mesh executive", "Standing stool")
WISHES = (
    "It has to be good for my back, I sit nine hours a day.",
    "That it looks nice in my living room.",
    "Delivery before the end of the month.",
    "It should not squeak.",
    "Armrests that go down below the desk.",
)
BUDGETS = ("350", "420", "780", "240", "1200")
TOPICS = (
    "I need six of them for a small office.",
    "Can you deliver to the third floor without a lift?",
    "I would like to know if the fabric comes in grey.",
    "Is there a discount for students?",
    "I want to compare two models before I order.",
)
ANSWERS = (
    "Hello! Yes, for six chairs we give ten percent. Shall I send you an offer?",
    "Hello! Our carriers bring it up to your flat, up to the fifth floor. It costs nothing extra.",
    "Hello! Grey is in stock, light and dark. Which one do you like better?",
    "Hello! Students get fifteen percent with a valid card. A photo of it is enough.",
    "Hello! Gladly. Which two are you comparing?",
)
THANKS = (
    "Perfect, thank you!",
    "That helps a lot.",
    "Great, I will order tonight.",
    "Thanks, you were quick.",
    "Wonderful.",
)
QUESTIONS = (  # that no article answers: the editors' backlog
    "Do you sell desks, too?",
    "Can I rent twelve of them for a fair?",
    "do you sell desks too",
    "Is the fabric vegan?",
)
ENDS = (("advice", "sold"), ("delivery", "solved"), ("invoice", "solved"), ("complaint", "passed-on"))
# What they said of it afterwards: 1 to 5, some with a word, some with nothing at all.
RATINGS: tuple[Plot, ...] = (
    [("taps", "Very good"), ("says", "Quick, kind, and the offer came the same day.")],
    [("taps", "Good")],
    [],
    [("says", "5")],
    [("taps", "So-so"), ("says", "It took a while until somebody was there.")],
    [("taps", "Very good")],
    [],
    [("says", "2"), ("says", "Nobody could tell me when it comes.")],
    [("taps", "Very good"), ("says", "Ana knew at once what I needed.")],
)
NOTES = (
    "Asked for the offer by e-mail, sent on Monday.",
    "Prefers delivery in the afternoon.",
    "Showed interest in the stool as well.",
    "Student card seen, discount is fine.",
    "Compares with a competitor, be generous with the guarantee.",
)


def orders(n: int) -> Plot:
    """From hi to a placed order, all with the bot."""
    return [*until_priority(n), ("says", WISHES[n % 5]), ("taps", "Place the order"), ("falls_silent",)]


def stops_at_budget(n: int) -> Plot:
    """Chose a chair and went away."""
    return [("says", "hi"), ("taps", CHAIRS[n % 3])]


def until_priority(n: int) -> Plot:
    """Has given a budget (the second time in a form that can be read) and is asked what matters most."""
    return [("says", "hi"), ("taps", CHAIRS[n % 3]), ("says", "not too much"), ("says", BUDGETS[n % 5])]


def waits_in_queue(n: int) -> Plot:
    """Asked for a human, answered the questions before, and waits."""
    return [("staffed", "ben"), ("says", "chair"), ("taps", CHAIRS[n % 3]), ("says", "agent"), *_introduces(n)]


def is_with_agent(n: int) -> Plot:
    """An agent has answered; the customer has written last."""
    login = ("ana", "ben")[n % 2]
    return [
        ("staffed", login),
        *until_priority(n),
        ("says", "agent"),
        *_introduces(n),
        ("claims", login),
        ("replies", ANSWERS[n % 5]),
        ("says", THANKS[n % 5]),
    ]


def was_helped(n: int) -> Plot:
    """The same, the agent has closed it with a note for the team, and the customer says how it was."""
    goodbye = ("replies", "You are welcome. Have a good day!")
    return [*is_with_agent(n), ("notes", NOTES[n % 5]), goodbye, ("closes", *ENDS[n % 4]), *_says_how_it_was(n)]


def _says_how_it_was(n: int) -> Plot:
    """Nothing, or an answer; what it began is over a day later."""
    return [*RATINGS[n % 9], ("falls_silent",)] if RATINGS[n % 9] else []


def is_parked(n: int) -> Plot:
    """The agent waits for something and has parked it."""
    return [*is_with_agent(n), ("replies", "I ask the workshop and come back to you."), ("parks", "Asks the workshop")]


def left_a_message(n: int) -> Plot:
    """Nobody was online: the message is a ticket."""
    return [("staffed",), ("says", "chair"), ("says", "agent"), ("taps", "Leave a message"), ("says", TOPICS[n % 5])]


def did_not_arrive(n: int) -> Plot:
    """The last answer could not be delivered."""
    return [
        *is_with_agent(n),
        ("replies", "Your offer is ready."),
        ("last_fails", "unreachable", "Message Undeliverable."),
    ]


def asks_about_chairs(n: int) -> Plot:
    """Reads about the chairs in the main menu, and leaves."""
    return [("says", QUESTIONS[n % 4]), ("says", "menu"), ("taps", "About our chairs"), ("falls_silent",)]


def _introduces(n: int) -> Plot:
    return [("says_name",), ("says", TOPICS[n % 5])]


# Who was when: (plot, hours ago) in the order of the customers. Of what the team promises (`staff.MINUTES`) most is in
# time at the end, one in the queue and one on a desk are near, and one is late by minutes.
SEASON: tuple[tuple[Callable[[int], Plot], float], ...] = (
    *((orders, 40 + 23.0 * n) for n in range(9)),
    *((was_helped, 30 + 29.0 * n) for n in range(11)),
    *((asks_about_chairs, 50 + 41.0 * n) for n in range(4)),
    (stops_at_budget, 1.2),
    (stops_at_budget, 3.5),
    (until_priority, 0.6),
    (until_priority, 7.1),
    (waits_in_queue, 0.2),
    (waits_in_queue, 0.35),
    (waits_in_queue, 0.95),
    (is_with_agent, 0.5),
    (is_with_agent, 0.9),
    (is_with_agent, 1.9),
    (is_parked, 2.2),
    (is_with_agent, 2.3),
    (did_not_arrive, 2.9),
    (left_a_message, 0.6),
    (left_a_message, 0.7),
    (until_priority, 12.0),
)
