"""Search: ``find(read(text), facets)`` answers a query; ``index`` follows what is public.

Read in this order: ``words`` (texts as tokens), ``entries`` (what is indexed), ``index``,
``asking`` (queries), ``engine`` (the two databases), ``finding``, ``marking``, ``showing``.
"""
