"""`callreasons config show`: the settings in force."""

import typer

from pipeline.cli.options import HERE, JsonOption, ProjectOption, console, error_console, open_project, write_json

app = typer.Typer(help="Look at the settings.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


@app.command("show")
def show(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Print every setting in force, with defaults filled in, and say what leaves the machine.

    Example: `callreasons config show --json`
    """
    from pipeline.cluster.clustering import N_EXEMPLARS
    from pipeline.cluster.namer import find_host

    opened = open_project(project).settings
    if opened.cluster.namer_url:
        error_console.print(
            f"Redacted sentences of customers leave this machine: [cluster] namer_url sends up to {N_EXEMPLARS} a "
            f"candidate to {find_host(opened.cluster)}.",
            style="bold",
            markup=False,
            soft_wrap=True,
        )
    settings = opened.model_dump(mode="json")
    if as_json:
        write_json([settings])
        return
    for section, fields in settings.items():
        console.print(f"[{section}]", markup=False)
        for name, value in fields.items():
            console.print(f"  {name} = {value!r}", markup=False, soft_wrap=True)
