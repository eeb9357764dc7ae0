"""Lines of the log: UTC in ISO 8601, and one record is one line, whatever its words contain."""

import logging
import time


class LineFormatter(logging.Formatter):
    converter = time.gmtime  # type: ignore[assignment]
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = on_one_line(record.message)
        return super().formatMessage(record)


def on_one_line(text: str) -> str:
    """``text`` with whatever can't be printed escaped: line breaks, control and direction marks."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
