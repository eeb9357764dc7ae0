"""Content in and out: fixtures as records, loading them, writing them back, proving the base."""
