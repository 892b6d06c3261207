"""The portable bundle on an office PC (便携版): setting it up for one user, and workbooks dropped on its icons.

Windows itself is touched in ``windows`` only; points are the business of ``xl_jifen``, called as the command line.
"""
