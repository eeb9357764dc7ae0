"""Checks anybody's text against the sources; see ``checking.check``.

``words`` and ``given`` read the text, ``quoted`` finds what it quotes, ``index`` where its words
stand in the sources, ``aligning`` compares, ``speaking`` asks who is said to speak.
"""
