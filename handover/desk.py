"""What may an agent do with a conversation? The agents' verbs; `refusals` says why not."""

from __future__ import annotations

from conversations import answerable
from handover import parking, parting, reopening, replying, tagging, transferring, wrapping

claim, reply, note = replying.claim, replying.reply, replying.note
close, release, reopen = parting.close, parting.release, reopening.reopen
transfer, escalate = transferring.transfer, transferring.escalate
park, unpark = parking.park, parking.unpark
tag, wrap_up = tagging.put, wrapping.finish
NoSuchWay = answerable.NoSuchWay
