"""Where an upload waits between the preview and its confirmation: in files all workers share."""

from uuid import uuid4

from django.core.cache import caches
from import_export.tmp_storages import BaseStorage

from .formats import Unreadable


class Uploads(BaseStorage):
    """Kept for as long as the cache ``uploads`` keeps it. Its name can't be guessed."""

    def save(self, data: bytes) -> None:
        self.name = uuid4().hex
        caches["uploads"].set(self.name, data)

    def read(self) -> bytes:
        """Raises Unreadable when it is gone."""
        data = caches["uploads"].get(self.name)
        if data is None:
            raise Unreadable(
                "This upload is no longer here: it was imported already, or waited for more than "
                "an hour. Choose the file again."
            )
        return data

    def remove(self) -> None:
        caches["uploads"].delete(self.name)
