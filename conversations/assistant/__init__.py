"""What is a language model told, and what may it propose? `conversations.answering` is the door."""
