"""Which tables hold what was said, and where the journey stands?"""

from conversations.models.amendment import MessageEdit, MessageReaction
from conversations.models.article import Article, ArticleEdition, Miss, MissAsking
from conversations.models.authoring import JourneyTrial, RunChange
from conversations.models.connection import Connection, ConnectionState, WebRequest
from conversations.models.conversation import LAST_HEARD, Conversation, Session
from conversations.models.delivery import Delivery
from conversations.models.event import ConversationEvent
from conversations.models.greeting import Greeting
from conversations.models.happened import LastEvent
from conversations.models.journey import Journey, JourneyRun, JourneyVersion, StepLog
from conversations.models.message import Attachment, Message
from conversations.models.question import Question
from conversations.models.task import RemoteTask
from conversations.models.timer import Timer
from conversations.models.words import SearchProgress, SearchWords

__all__ = [
    "LAST_HEARD",
    "Article",
    "ArticleEdition",
    "Attachment",
    "Connection",
    "ConnectionState",
    "Conversation",
    "ConversationEvent",
    "Delivery",
    "Greeting",
    "Journey",
    "JourneyRun",
    "JourneyTrial",
    "JourneyVersion",
    "LastEvent",
    "Message",
    "MessageEdit",
    "MessageReaction",
    "Miss",
    "MissAsking",
    "Question",
    "RemoteTask",
    "RunChange",
    "SearchProgress",
    "SearchWords",
    "Session",
    "StepLog",
    "Timer",
    "WebRequest",
]
