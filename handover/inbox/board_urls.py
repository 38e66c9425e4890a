"""Which addresses does the supervisors' board have, below /inbox/?"""

from django.urls import path

from handover.inbox import board, board_actions, board_ratings

doors = [
    path("board/", board.page, name="board"),
    path("board/ratings.csv", board_ratings.ratings, name="board-ratings"),
    path("board/agents/<slug:ref>/", board.agent_sheet, name="board-agent"),
    path("board/agents/<slug:ref>/drain", board_actions.drain, name="board-drain"),
    path("board/agents/<slug:ref>/status", board_actions.status, name="board-status"),
    path("board/watch/<uuid:public_id>/", board.watch, name="board-watch"),
]
