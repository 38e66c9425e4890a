"""Who listens to Discord? `manage.py run_discord_gateway`: one resumable connection for each bot.

fleet        which bots are connected: those of the enabled channels
keeper       one bot's life: lock, session, connect, resume, wait, stop
connection   one websocket: hello, heartbeats, identify or resume, frames, and why it ended
ledger       what is committed: events into the inbox, and the session's place in the same transaction
backfill     what was missed between two sessions
discord      the few requests of its HTTP API that are needed here
endings      what a closing code means
"""
