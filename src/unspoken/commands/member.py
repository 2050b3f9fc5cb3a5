"""`unspoken member`: make the first owner, or set a password, from the command line."""

from typing import Annotated

import typer

from .setup import start_django


def member_command(
    email: Annotated[str, typer.Argument(help="E-mail address to sign in with")],
    name: Annotated[str, typer.Option(help="Name that colleagues see")] = "",
    role: Annotated[str, typer.Option(help="owner, lead, agent, analyst or privacy")] = "owner",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Make a member, or set the password of the one who has this address."""
    start_django()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from unspoken.kit.clock import now
    from unspoken.staff import actions
    from unspoken.staff.models import Member, Role

    if role not in Role.values:
        raise typer.BadParameter(f"{role!r} is no role. Use one of: {', '.join(Role.values)}")
    try:
        validate_password(password)
    except ValidationError as error:
        raise typer.BadParameter(" ".join(error.messages)) from error
    known = Member.objects.filter(email=email.strip().lower()).first()
    if known:
        actions.set_password(known, password=password, now=now())
        typer.echo(f"The password of {known.email} is changed.")
    else:
        actions.create_member(email, name=name or email, role=Role(role), password=password, now=now())
        typer.echo(f"{email} can sign in as {role}.")
