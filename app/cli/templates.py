"""``layerloom templates``: the built-in projects."""

from app.cli.arguments import JsonOption
from app.cli.printing import out, print_object, table
from engine.project import templates as built_in


def templates(*, json: JsonOption = False) -> None:
    """List the built-in projects."""
    found = built_in.all_templates()
    if json:
        for template in found:
            print_object(template)
        return
    rows = table("key", "title", "what it shows")
    for template in found:
        rows.add_row(template.key, template.title, template.summary)
    out().print(rows)
