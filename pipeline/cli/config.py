"""`callreasons config show`: the settings in force."""

import typer

from pipeline.cli.options import HERE, JsonOption, ProjectOption, console, open_project, write_json

app = typer.Typer(help="Look at the settings.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


@app.command("show")
def show(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Print every setting in force, with defaults filled in.

    Example: `callreasons config show --json`
    """
    settings = open_project(project).settings.model_dump(mode="json")
    if as_json:
        write_json([settings])
        return
    for section, fields in settings.items():
        console.print(f"[{section}]", markup=False)
        for name, value in fields.items():
            console.print(f"  {name} = {value!r}", markup=False, soft_wrap=True)
