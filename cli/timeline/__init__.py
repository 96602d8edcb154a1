"""The timeline that `wiretape show` prints, all but the printing.

recording ─► seen: everything in short ─► rows: in words ─► layout: in columns ─► styled lines
"""
