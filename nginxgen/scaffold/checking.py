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
Renderings = Sequence[tuple[Sequence[str], str]]


def files(checkers: Collection[Checker], renderings: Renderings) -> dict[str, str]:
    """The files for those who check, by their paths."""
    made: dict[str, str] = {}
    steps = [step for files, conf in renderings for step in _steps(files, conf)]
    if Checker.GITHUB in checkers:
        context = {
            "concurrency": "${{ github.workflow }}-${{ github.ref }}",
            "checkout": Bare(_CHECKOUT),
            "requirement": REQUIREMENT,
            "steps": steps,
        }
        made[".github/workflows/nginx.yml"] = print_file("github.yaml", context)
    if Checker.GITLAB in checkers:
        install = f'pip install --quiet "{REQUIREMENT}"'
        made[".gitlab-ci.yml"] = print_file("gitlab.yaml", {"install": install, "steps": steps})
    if Checker.PRE_COMMIT in checkers:
        hooks = {"requirement": REQUIREMENT, "files": r"\.(toml|conf)$", "steps": steps}
        made[".pre-commit-config.yaml"] = print_file("pre-commit.yaml", hooks)
    return made


def _steps(files: Sequence[str], conf: str) -> list[dict[str, str]]:
    """What is done for one nginx.conf: it is checked, and held against the file that lies there."""
    words, way = " ".join(files), conf.rpartition("/")[0]
    drift = f"nginxgen diff {words} {conf}"
    if len(files) > 1:
        drift = f"nginxgen render {words} | nginxgen diff - {conf}"
    entry = f"bash -o pipefail -c '{drift}'" if len(files) > 1 else drift
    check = f"nginxgen check {words}"
    suffix = f"-{way}" if way else ""
    return [
        {"id": f"nginxgen-check{suffix}", "title": f"Check {words}", "command": check, "entry": check},
        {
            "id": f"nginxgen-drift{suffix}",
            "title": f"{conf} says what {words} say{'' if len(files) > 1 else 's'}",
            "command": drift,
            "entry": entry,
        },
    ]
