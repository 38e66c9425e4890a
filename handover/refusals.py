"""Why may an agent not do what they asked for?

Problem
+-- NotThere          404 not_found         none of that id, or none that this agent may see
+-- AlreadyTaken      409 already_taken     another agent has it; `owner` is their name
+-- AlreadyClosed     409 already_closed
+-- NotYours          409 not_yours         only its agent (or a supervisor) may do this
+-- UnseenMessages    409 unseen_messages   the customer wrote since; `seqs`
+-- ChannelClosed     409 channel_closed    `reason`, and `open`: the ways to answer that are
+-- OwnerMoved        409 owner_moved       (`conversations.ownership`)
"""

from __future__ import annotations

from common.problems import Problem


class NotThere(Problem):
    code, title, status = "not_found", "There is no such conversation.", 404


class AlreadyTaken(Problem):
    code, title, status = "already_taken", "Somebody else has this conversation already.", 409


class AlreadyClosed(Problem):
    code, title, status = "already_closed", "This conversation is closed.", 409


class NotYours(Problem):
    code, title, status = "not_yours", "This conversation is not yours.", 409


class UnseenMessages(Problem):
    code, title, status = "unseen_messages", "The customer has written since you began.", 409


class ChannelClosed(Problem):
    code, title, status = "channel_closed", "You cannot answer there now.", 409
