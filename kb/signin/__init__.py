"""Who gets in: passwords that can't be guessed, a second factor, sessions that lose nothing.

Read in this order: ``addresses``, ``second_factor``, ``site`` (the guard of every admin page),
``views``, ``keeping`` (forms whose session ended), ``records`` (the log), ``admin``.
"""
