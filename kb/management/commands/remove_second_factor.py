"""Takes somebody's second factor away."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from kb.signin.records import note
from kb.signin.second_factor import remove


class Command(BaseCommand):
    help = (
        "Takes somebody's second factor and recovery codes away, when all are lost: they set up "
        "new ones at the next sign-in."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", help="of the user")

    def handle(self, *args, name, **options):
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"Nobody is called {name!r}.")
        remove(user)
        note("second factor removed", user)
        self.stdout.write(f"{name} sets up a second factor at the next sign-in.")
