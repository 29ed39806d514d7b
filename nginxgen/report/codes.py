"""What each code means: a title, why it matters, how to mend it. Codes are never reused and never renumbered."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

from nginxgen.lint.rule import Rule
from nginxgen.lint.rules import RULES


class Explanation(NamedTuple):
    """What is to be known about a message."""

    title: str
    why: str
    mend: str


CODES: dict[str, Explanation] = {
    "NG001": Explanation(
        "the file is not TOML, or not JSON",
        "Nothing in it can be read, so nothing is guessed.",
        "Mend the place that is shown. A key is followed by =, a string stands in quotes, a table begins with"
        " [name] and an element of a list of tables with [[name]]. JSON is taken from files whose names end "
        "with .json, and from standard input.",
    ),
    "NG002": Explanation(
        "the file cannot be a cluster file",
        "It is missing, empty, a folder, larger than 32 MB, nested too deep, or not in UTF-8.",
        "Name the file that is meant.",
    ),
    "NG003": Explanation(
        "unknown key",
        "A key that nobody reads is most often a slip, and what it should have done does not happen.",
        "Take the suggested name. A key is nginx's directive where it stands for one. A directive without a "
        'field goes into directives = [["name", "word"]] of the block.',
    ),
    "NG004": Explanation(
        "a key is missing",
        "The block says nothing without it.",
        "Write it; the message says what it is for.",
    ),
    "NG005": Explanation(
        "a value of the wrong type",
        "nginx takes a word, a number, on or off there, or a block.",
        'Flags are true or false, numbers stand without quotes, times and sizes are strings: "60s", "16m".',
    ),
    "NG006": Explanation(
        "a value that nginx would not take there, or not as it is meant",
        "nginx accepts much that is wrong: a port with a leading zero, a name that no request has, a variable"
        " that is empty.",
        "The message names the form that is taken.",
    ),
    "NG007": Explanation(
        "a word that is not one of those allowed",
        "nginx knows a fixed set of words here.",
        "Take one of those listed.",
    ),
    "NG010": Explanation(
        "the same thing twice",
        "nginx takes one of the two, refuses both, or counts a server double.",
        "Keep one; both places are shown.",
    ),
    "NG011": Explanation(
        "two readings",
        "What is written can mean two things, and one of them may be unsafe. nginxgen does not choose.",
        "Write the reading that is meant; the message shows how.",
    ),
    "NG012": Explanation(
        "an upstream that is not defined",
        "nginx would take the name for a host, look it up when it starts, and fail or ask a stranger.",
        "Define [upstream.NAME], or mend the name.",
    ),
    "NG013": Explanation(
        "an upstream that no location uses",
        "Most often a location was forgotten or names something else.",
        "Use it in a location, or take it out.",
    ),
    "NG014": Explanation(
        "two servers claim the same name on the same listener",
        "nginx warns and ignores the second; two default servers it refuses.",
        "Give one of them another name or listener.",
    ),
    "NG015": Explanation(
        "a location that no request reaches",
        "It is there already, outside the one around it, behind a regular expression that matches everything,"
        " or its path is one that nginx never sees: it compares decoded paths, with // and .. resolved.",
        "Move it, or mend its path.",
    ),
    "NG016": Explanation(
        "more than one action, or one that cannot stand there",
        "One directive of a location answers a request; of two, nginx takes one without a word.",
        "Keep one, or make two locations.",
    ),
    "NG017": Explanation(
        "backup with a method that has none",
        "hash, ip_hash and random know no backup servers; nginx refuses the file.",
        "Take the backup out, or choose round_robin, least_conn or least_time.",
    ),
    "NG018": Explanation(
        "a group without a server that answers",
        "nginx refuses an empty group and one of backups only; if all servers are down, every request gets a 502.",
        "Add a server, or take backup or down from one.",
    ),
    "NG019": Explanation(
        "names resolved at run time, and nobody to ask",
        "nginx asks the name servers of its resolver directive then, never those of the system.",
        'Write resolver = "127.0.0.53" (your name server) in [http] or in the group; groups need their zone too.',
    ),
    "NG020": Explanation(
        "a name that is not defined",
        "A log format, zone, tls or named location is used that nothing defines.",
        "Define it, or mend the name.",
    ),
    "NG021": Explanation(
        "an unknown variable",
        "nginx refuses the file, or a module that this nginx lacks was meant.",
        "Mend the name, or make the variable with a map. Files that load modules or include others are not judged.",
    ),
    "NG022": Explanation(
        "$1 to $9 without a regular expression",
        'nginx takes it and puts nothing there: "costs $5" becomes "costs ".',
        'Write ${nginxgen_dollar} for a "$" itself; nginxgen defines that variable when it is used.',
    ),
    "NG023": Explanation(
        "TLS without what it needs",
        "A listener that speaks TLS needs a certificate and its key, a redirect to HTTPS a listener for that.",
        'Write tls = "NAME" in the server and [tls.NAME] with certificate and certificate_key.',
    ),
    "NG024": Explanation(
        "an alias that can be left",
        "With location /i and alias /data/i/, a request for /i../x reads /data/x. A slash on one side only is"
        " that trap.",
        "End both with a slash, or neither.",
    ),
    "NG025": Explanation(
        "servers on one listener with different TLS profiles",
        "Before nginx 1.29.2, OpenSSL takes the protocols of the listener's default server for every server on it.",
        "Give them one profile, or listeners of their own.",
    ),
    "NG026": Explanation(
        "a password that nobody is asked for",
        "nginx lets everybody in where auth_basic stands without auth_basic_user_file, and says nothing about it.",
        "Write auth_basic_user_file on the same level, or on one around it.",
    ),
    "NG027": Explanation(
        "files that may run as programs",
        "PHP that looks for the nearest file (cgi.fix_pathinfo) runs an uploaded image.jpg for /image.jpg/x.php;"
        " security.limit_extensions of php-fpm refuses that where nobody has switched it off.",
        'Write try_files = ["$fastcgi_script_name", "=404"] in the location where nginx has the same files.',
    ),
    "NG028": Explanation(
        "plain HTTP on port 443",
        "Browsers speak TLS there, and show an error.",
        'Write tls = "NAME" in the server; { address = 443, ssl = false } says that plain HTTP is meant.',
    ),
    "NG030": Explanation(
        "the target does not have this",
        "That nginx would refuse the file: unknown directive, or invalid parameter.",
        "Take the way out that is named, or a newer target.",
    ),
    "NG031": Explanation(
        "rendered in an older form",
        "The target has no better one. It is told, so that nobody wonders.",
        "Nothing, or a newer target.",
    ),
    "NG032": Explanation(
        "rendered in today's form",
        "nginx or OpenSSL has dropped what was written; what replaced it was rendered instead.",
        "Write today's form.",
    ),
    "NG033": Explanation(
        "an unknown target",
        "Which directives may be used depends on it.",
        "Write a version from 1.18 to 1.31.4, a distribution such as debian-12, any, or the path of a binary.",
    ),
    "NG034": Explanation(
        "a directive of the escape hatch that nginx would refuse",
        "Its name, place, number of parameters or block is not what any nginx has.",
        "The message says which; nginx.org's syntax stands beside it where it is known.",
    ),
    "NG035": Explanation(
        "a directive of the escape hatch that has a field",
        "With two places to say one thing, they come to disagree.",
        "Move it into the field that is shown.",
    ),
    "NG036": Explanation(
        "a directive of NGINX Plus",
        "nginx.org documents it, but open-source nginx has not got it.",
        "Take it out; sometimes there is another way.",
    ),
    "NG040": Explanation(
        "nginx refuses the file",
        "A real nginx was asked, by check with stand-ins for certificates, names and ports, by apply with the real"
        " ones; this is what it said.",
        "Mend the place that is shown. If nginxgen should have known, please report it.",
    ),
    "NG041": Explanation(
        "nginx warns",
        "It starts all the same, but ignores something or takes it otherwise than written.",
        "Mend the place that is shown.",
    ),
    "NG042": Explanation(
        "not shown by the nginx at hand",
        "The target and the binary differ, or a file is on another machine; so much was left out of the test.",
        "Nothing, or ask a binary like the target: --nginx PATH.",
    ),
    "NG043": Explanation(
        "somebody who is served would be served no more",
        "The last server of an upstream, an address that is listened on, or all servers would be gone, which is most"
        " often a slip.",
        "Say again what is missing, or repeat the command with --force when it is meant.",
    ),
    "NG044": Explanation(
        "an address is taken",
        "nginx -t does not notice that; the running nginx would, and would keep its configuration.",
        "End what listens there, or choose another address.",
    ),
    "NG045": Explanation(
        "the running nginx did not take the new configuration",
        "After the signal, its workers were not replaced as they should have been. What it wrote to its error log is"
        " shown beside this.",
        "Mend the place that is shown and apply again. The previous file is back, unless the message says otherwise.",
    ),
    "NG050": Explanation(
        "a bug of nginxgen",
        "Its own text failed its proof, or it failed altogether. Nothing wrong was printed; what is needed to"
        " mend it is kept.",
        "Please report it with the file that the message names.",
    ),
    "NG060": Explanation(
        "addresses that only a running system has",
        "Workers without a port listen where there is room, and auto is as many as there are cores: a text for"
        " another machine cannot say so.",
        "Write count and port under workers, or start the file with nginxgen up.",
    ),
    "NG061": Explanation(
        "workers need what is not on this machine",
        "Their program, folder, account or file of variables is missing here, so that they could not be started.",
        "Mend the place that is shown, or install what is missing; relative paths begin at the folder of cluster.toml.",
    ),
    "NG062": Explanation(
        "a comment that is to ignore a finding, and does not say which or why",
        "Whoever reads it later has to know whether it still holds.",
        "Write # nginxgen:ignore NG201 and then, in a few words, why it is right here.",
    ),
    "NG063": Explanation(
        "a comment that ignores a finding which is not there",
        "It was mended, or the comment stands in the wrong place: it counts for its own line, and on a line of its"
        " own for the directive, key or table behind it.",
        "Take the comment out, or move it.",
    ),
    "NG064": Explanation(
        "a worker does not become ready",
        "It ended, or did not answer in time, so that it gets no requests; what it said last stands in the message.",
        "Start the command by hand; let it listen where it is told; give it more time with ready_timeout.",
    ),
    "NG070": Explanation(
        "a test failed",
        "A request to a real nginx with this configuration did not have the outcome that the test expects. Backends,"
        " certificates and files were stand-ins; everything else was as it will be.",
        "Mend the cluster, or the expectation. The help says what the client got and what backends were asked.",
    ),
    "NG071": Explanation(
        "a test asks where nobody listens",
        "The scheme and the port of a URL, or listen, say which listener is asked, and no server has such a one.",
        "Take one of the listeners that are shown, in the URL (https://host:8443/) or with listen.",
    ),
    "NG072": Explanation(
        "tests want different contents of one file",
        "All tests are run on one nginx, so a file is the same for all of them.",
        "Say the file once, or take another name for one of them.",
    ),
    "NG073": Explanation(
        "a test was not run",
        "A client with an address of somewhere else needs a network of its own (Linux: user and network namespaces),"
        " which containers and some distributions refuse.",
        "Allow unprivileged user namespaces, or run the tests where they are allowed. Clients from 127.0.0.0/8 work"
        " everywhere.",
    ),
    "NG074": Explanation(
        "not shown by tests",
        "Stand-ins speak HTTP, gRPC, FastCGI and uwsgi; name servers have none.",
        "Nothing, as long as no test depends on it.",
    ),
    "NG075": Explanation(
        "no tests",
        "There is nothing to run, which is most often a file that was not named.",
        "Write [[test]] with a request and what is expected, such as status = 200, into the file or one of its own.",
    ),
    "NG100": Explanation(
        "a text that nginx would not read",
        "Its lexer stops there: a string that does not end, a block that is not closed, or a word out of place.",
        "Mend the place that is shown; what stands behind it was not looked at.",
    ),
}


def entry(code: str) -> Explanation | Rule | None:
    """What is known of a code: its title, why it matters, how it is mended."""
    return CODES.get(code) or RULES.get(code)


def titles() -> dict[str, str]:
    """Every code and what it says in a few words: messages, then rules of ``lint``."""
    return {code: text.title for code, text in CODES.items()} | {code: rule.title for code, rule in RULES.items()}


def explanation(code: str) -> str:
    """The text for a terminal."""
    if code in RULES:
        return _of_rule(RULES[code])
    title, why, mend = CODES[code]
    return "\n\n".join((f"{code}: {title}", *_paragraphs(why, mend))) + "\n"


def _of_rule(rule: Rule) -> str:
    span = [f"since nginx {rule.since}"] if rule.since else []
    span += [f"until nginx {rule.until}"] if rule.until else []
    head = f"{rule.code}: {rule.title} ({', '.join((rule.name, rule.severity, *span))})"
    texts = (f"{name}:\n\n{textwrap.indent(text, '    ')}" for name, text in (("Bad", rule.bad), ("Good", rule.good)))
    return "\n\n".join((head, *_paragraphs(rule.why, rule.mend), *(one.rstrip("\n") for one in texts))) + "\n"


def _paragraphs(why: str, mend: str) -> list[str]:
    return [textwrap.fill(f"Why: {why}", 90), textwrap.fill(f"What to do: {mend}", 90)]
