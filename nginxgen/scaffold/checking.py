"""What checks a deployment when it changes: jobs for GitHub and GitLab, hooks for pre-commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from nginxgen._version import VERSION
from nginxgen.scaffold.printing import print_file
from nginxgen.scaffold.wishes import Checker
from nginxgen.scaffold.words import Bare

REQUIREMENT = f"nginxgen[nginx]=={VERSION}"
"""What pip is asked for; with an nginx, so that there is one to ask."""
_CHECKOUT = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8"
"""v5.0.0. A commit cannot be moved as a tag can."""
_QUALITY, _JUNIT = "nginx-quality.json", "nginx-tests.xml"
"""What GitLab shows beside a merge request."""
Renderings = Sequence[tuple[Sequence[str], str]]


def files(checkers: Collection[Checker], renderings: Renderings, has_tests: bool) -> dict[str, str]:
    """The files for those who check, by their paths; with tests they are told of one by one where that can be shown."""
    made: dict[str, str] = {}
    steps = [step for files, conf in renderings for step in _steps(files, conf)]
    if Checker.GITHUB in checkers:
        context = {
            "concurrency": "${{ github.workflow }}-${{ github.ref }}",
            "checkout": Bare(_CHECKOUT),
            "requirement": REQUIREMENT,
            "lint": "nginxgen lint cluster.toml --format github",
            "steps": steps,
        }
        made[".github/workflows/nginx.yml"] = print_file("github.yaml", context)
    if Checker.GITLAB in checkers:
        install = f'pip install --quiet "{REQUIREMENT}"'
        test = f"nginxgen test cluster.toml --format junit > {_JUNIT}" if has_tests else None
        shown = {
            "install": install,
            "lint": f"nginxgen lint cluster.toml --format gitlab > {_QUALITY}",
            "test": test,
            "steps": steps,
            "quality": _QUALITY,
            "junit": _JUNIT,
        }
        made[".gitlab-ci.yml"] = print_file("gitlab.yaml", shown)
    if Checker.PRE_COMMIT in checkers:
        hooks = {"requirement": REQUIREMENT, "files": r"\.(toml|conf)$", "steps": steps}
        made[".pre-commit-config.yaml"] = print_file("pre-commit.yaml", hooks)
    return made


def _steps(files: Sequence[str], conf: str) -> list[dict[str, str]]:
    """What is done for one nginx.conf: it is checked, and held against the file that lies there.

    ``shown`` is the command where GitHub shows what it prints, in Markdown, on the page of the run.
    """
    words, way = " ".join(files), conf.rpartition("/")[0]
    suffix = f"-{way}" if way else ""
    says = "say" if len(files) > 1 else "says"
    check, drift = f"nginxgen check {words}", f"nginxgen diff {conf} {','.join(files)}"
    return [
        {"id": f"nginxgen-check{suffix}", "title": f"Check {words}", "command": check, "shown": check},
        {
            "id": f"nginxgen-drift{suffix}",
            "title": f"{conf} says what {words} {says}",
            "command": drift,
            "shown": f'{drift} --format markdown | tee -a "$GITHUB_STEP_SUMMARY"',
        },
    ]
