"""What the model layer and the database object to, for people."""

from django.core.exceptions import ValidationError


def refusals(error: Exception) -> tuple[str, ...]:
    """What an IntegrityError or ValidationError says. Our triggers speak to people."""
    if isinstance(error, ValidationError):
        return tuple(error.messages)
    first = str(error).splitlines()[0] if str(error) else "it breaks a rule of the database"
    return (f"This can't be done: {first}. Nothing was saved; what you typed is still here.",)
