"""Which tables hold who works here, who speaks next, and what stands on the agents' desks?"""

from handover.models.bulk import BulkAction
from handover.models.desk import CannedReply, ContextLink, Draft, Macro, Mention, Note, SavedView, SeenMark
from handover.models.ending import ConversationTag, Disposition, Rating, Tag, WrapUp
from handover.models.routing import Affinity, EngineMark, ReferrerRule, Reservation
from handover.models.sla import SlaClock, SlaPolicy
from handover.models.team import Agent, BusinessHours, Membership, Queue, Skill

__all__ = [
    "Affinity",
    "Agent",
    "BulkAction",
    "BusinessHours",
    "CannedReply",
    "ContextLink",
    "ConversationTag",
    "Disposition",
    "Draft",
    "EngineMark",
    "Macro",
    "Membership",
    "Mention",
    "Note",
    "Queue",
    "Rating",
    "ReferrerRule",
    "Reservation",
    "SavedView",
    "SeenMark",
    "Skill",
    "SlaClock",
    "SlaPolicy",
    "Tag",
    "WrapUp",
]
