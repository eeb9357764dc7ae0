"""How often something may be asked for from one address. Each worker process counts for itself."""

import time

from django.core.cache import cache
from django.http import HttpRequest

from .signin.addresses import client_address

MINUTE = 60  # seconds


def wait(request: HttpRequest, what: str, most: int) -> int:
    """Counts this request. The seconds until the next is served; 0 if this one is.

    Those whose address is unknown are counted together.
    """
    now = time.time()
    key = f"{what}:{client_address(request)}:{now // MINUTE:.0f}"
    cache.add(key, 0, MINUTE)
    try:
        times = cache.incr(key)
    except ValueError:  # It has just been forgotten.
        return 0
    return MINUTE - int(now % MINUTE) if times > most else 0
