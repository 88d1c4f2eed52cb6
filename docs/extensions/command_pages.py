"""The reference of the command: every subcommand with all of its options, from the command itself."""

import re
from pathlib import Path

from sphinx.application import Sphinx
from typer import Context
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from deltarule.cli.app import app as deltarule


def list_commands(command: TyperCommand | TyperGroup, name: str) -> list[tuple[str, TyperCommand | TyperGroup]]:
    """List a command's subcommands by their full names, those of groups after their group."""
    if not isinstance(command, TyperGroup):
        return [(name, command)]
    below = [one for key, sub in command.commands.items() for one in list_commands(sub, f"{name} {key}")]
    return [(name, command), *below]


def describe_command(name: str, command: TyperCommand | TyperGroup) -> str:
    """Describe a command in reStructuredText: its usage, its help and its options."""
    context = Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    lines = [name, "-" * len(name), "", "::", "", f"   {usage}", "", *plain_help(command.help or "").splitlines(), ""]
    for parameter in command.params:
        if (record := parameter.get_help_record(context)) is not None:
            names, text = record
            lines += [f"``{names}``", *(f"   {escape(one)}" for one in (text or "").splitlines()), ""]
    return "\n".join(lines)


def plain_help(text: str) -> str:
    """Turn the help of a command into reStructuredText: its example becomes a literal block."""
    text = re.sub(r"\[/?(?:bold|dim|italic)?\]", "", text).replace("\b", "").replace("\f", "")
    lines = [re.sub(r"^(\s*)(deltarule .*)$", r"::\n\n   \2\n", escape_line(line)) for line in text.splitlines()]
    return re.sub(r"(Example):\s+(deltarule .*)", r"\1::\n\n   \2\n", "\n".join(lines))


def escape_line(line: str) -> str:
    """Escape what means something in reStructuredText, unless the line is a command."""
    return line if "deltarule " in line else escape(line)


def escape(text: str) -> str:
    """Escape what means something in reStructuredText; a bracket may be escaped already, for the terminal."""
    return re.sub(r"([\\*`|_])", r"\\\1", text.replace("\\[", "["))


def write_page(app: Sphinx) -> None:
    """Write the page of all commands."""
    commands = list_commands(get_command(deltarule), "deltarule")
    title = "The command"
    page = Path(app.srcdir) / "reference/command.rst"
    page.parent.mkdir(exist_ok=True)
    parts = [title, "=" * len(title), "", *(describe_command(*one) for one in commands)]
    page.write_text("\n".join(parts), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the page before the documents are read."""
    app.connect("builder-inited", write_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
