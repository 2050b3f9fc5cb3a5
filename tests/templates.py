"""Compile every template: `python -m tests.templates`. A syntax error or an unknown tag fails."""

import sys
from pathlib import Path

import django
from django.template import TemplateSyntaxError
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent / "src" / "unspoken"


def main() -> int:
    """Return 0 when every template compiles."""
    django.setup()
    broken = 0
    templates = sorted(path for path in ROOT.glob("*/templates/**/*") if path.is_file())
    for path in templates:
        name = path.relative_to(next(parent for parent in path.parents if parent.name == "templates"))
        try:
            get_template(str(name))
        except TemplateSyntaxError as error:
            broken += 1
            print(f"{path}: {error}")
    print(f"{len(templates)} templates, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
