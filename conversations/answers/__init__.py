"""How are articles kept, found, brought in and said? `conversations.knowledge` is the question that is put to them."""
