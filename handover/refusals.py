"""Why may an agent not do what they asked for?

Problem
+-- NotThere          404 not_found         none of that id, or none that this agent may see
+-- AlreadyTaken      409 already_taken     another agent has it; `owner` is their name
+-- AlreadyClosed     409 already_closed
+-- NotYours          409 not_yours         only its agent (or a supervisor) may do this
+-- UnseenMessages    409 unseen_messages   the customer wrote since; `seqs`
+-- WaitedTooLong     409 waited_too_long   the line kept it back for long: a person reads it again
+-- ChannelClosed     409 channel_closed    `reason`, and `open`: the ways to answer that are
+-- OwnerMoved        409 owner_moved       (`conversations.ownership`)
+-- NotLeading        403 not_leading       takes a supervisor of the queue
+-- NoteMissing       422 note_missing      a transfer says why
+-- TargetAway        409 target_away       that colleague is not online; `agent`
+-- TargetHasIt       409 target_has_it     it is there already
+-- TargetGone        422 target_gone       the colleague or the queue works no more
+-- NotParked         409 not_parked
+-- AlreadyParked     409 already_parked    the page shows what it was before that
+-- BadTime           422 bad_time          not in the future, or too far in it; `latest`
+-- NotClosed         409 not_closed
+-- GoesOn            409 goes_on           the customer speaks elsewhere by now; `conversation`
+-- NoSuchStep        422 no_such_step      the bot cannot go on there; `journey` and its `steps`
+-- MayNotBlock       403 may_not_block     takes the permission to change customers
+-- NoSuchTopic       422 no_such_topic     a tag that nobody has made; `key`
+-- NoSuchDisposition 422 no_such_disposition   an outcome that nobody has made, or not any more; `key`
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


class WaitedTooLong(Problem):
    code, title, status = "waited_too_long", "It waited too long to go out by itself. Send it if it still holds.", 409


class ChannelClosed(Problem):
    code, title, status = "channel_closed", "You cannot answer there now.", 409


class NotLeading(Problem):
    code, title, status = "not_leading", "Only a supervisor of its queue may do this.", 403


class NoteMissing(Problem):
    code, title, status = "note_missing", "Say in a note why, and what is still to be done.", 422


class TargetAway(Problem):
    code, title, status = "target_away", "This colleague is not online: choose somebody else, or a queue.", 409


class TargetHasIt(Problem):
    code, title, status = "target_has_it", "It is there already.", 409


class TargetGone(Problem):
    code, title, status = "target_gone", "Nobody works there any more.", 422


class NotParked(Problem):
    code, title, status = "not_parked", "This conversation is not parked.", 409


class AlreadyParked(Problem):
    code, title, status = "already_parked", "This conversation is parked already.", 409


class BadTime(Problem):
    code, title, status = "bad_time", "Choose a time between now and a week from now.", 422


class NotClosed(Problem):
    code, title, status = "not_closed", "This conversation is open.", 409


class GoesOn(Problem):
    code, title, status = "goes_on", "The customer has begun another conversation since.", 409


class NoSuchStep(Problem):
    code, title, status = "no_such_step", "The journey has no such step to go on at.", 422


class MayNotBlock(Problem):
    code, title, status = "may_not_block", "Only a supervisor may block a customer.", 403


class NoSuchTopic(Problem):
    code, title, status = "no_such_topic", "There is no such topic.", 422


class NoSuchDisposition(Problem):
    code, title, status = "no_such_disposition", "There is no such disposition.", 422
