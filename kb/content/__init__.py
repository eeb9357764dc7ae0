"""Content in and out: the fixtures as records, loading them, writing them back, proving the base."""
