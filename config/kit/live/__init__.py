"""The way from what has changed to browsers and programs: sockets, their hub, their limits.

The only door to Channels. What is pushed is a hint or a copy: the truth is in the database.
"""
