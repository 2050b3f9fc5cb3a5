"""The `unspoken` command. Every command is a module beside this one; what they need is imported when they run."""

import importlib
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "serve": ("serve", "Serve the pages and the API"),
    "demo": ("demo", "Serve an imagined shop's last ninety days, with a live chat"),
    "worker": ("worker", "Work off deliveries and unread messages in a process of its own"),
    "migrate": ("serve", "Create or upgrade the database"),
    "member": ("member", "Make a member or set a password"),
    "read": ("read", "Print what a text expresses"),
    "listen": ("listen", "Print how a caller's voice sounds"),
    "transcribe": ("transcribe", "Print what a customer says in a recorded call"),
    "evaluate": ("evaluate", "Measure the quality of the readings"),
    "import": ("importing", "Bring in messages or contacts from a file"),
    "export": ("importing", "Write the contacts to a file"),
    "rules": ("rules", "List, switch and back-test rules"),
}


class Lazy(TyperGroup):
    """Imports a command's module only when that command is called, so that `unspoken read` needs no Django."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module_name, help_text = COMMANDS[cmd_name]
        module = importlib.import_module(f"unspoken.commands.{module_name}")
        found = getattr(module, f"{cmd_name}_command", None)
        if isinstance(found, typer.Typer):
            command: Any = typer.main.get_command(found)
        else:
            single = typer.Typer(add_completion=False)
            single.command(name=cmd_name, help=help_text)(found)  # type: ignore[type-var]
            command = typer.main.get_command(single)
        command.name = cmd_name
        command.help = command.help or help_text
        return command


app = typer.Typer(
    cls=Lazy, no_args_is_help=True, add_completion=False, help="Unspoken: the customer-emotion record.",
    pretty_exceptions_enable=False,
)  # fmt: skip


@app.callback()
def main() -> None:
    """Unspoken: the customer-emotion record that you can show to the customer."""
