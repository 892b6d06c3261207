"""The portable bundle on an office PC (便携版): setting it up for one user, and workbooks dropped on its icons.

Windows itself is touched in ``shell`` only; the rest is the command line and the desk.
"""
