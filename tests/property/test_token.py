"""One parameter, written by `quote`: every reader takes it for exactly that value, or it is refused with the reason."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nginxgen.conf.read import Unreadable, read_tree
from nginxgen.conf.token import MAX_BYTES, MultiLine, Unrepresentable, decode, find_unclean, quote, words
from support.texts import HOSTILE, LONG, MEANING, PLAIN, REFUSED, anything

MANY = settings(max_examples=400 * (10 if settings().max_examples > 1000 else 1))
lines = st.one_of(anything, st.lists(st.sampled_from((*"\t\n\r;#\\\"'} ", "evil on;", "é")), max_size=6).map("".join))
_SPECIALS = "\"'\\;{}#$ \t\n\r()[]=~^*@|&!?<>,.:/%+-_`an0\u00a0\u0085\u2028\u3000\ufeff\u00e9\u0130\u017f"


def read_alike(value: str) -> None:
    """Show that the own tokenizer and crossplane read a quoted value, as a name, a parameter and before a block."""
    token = quote(value)
    text = f"before {token} after;\n{token};\n{token} {token} {{\n    inner {token};\n}}\n"
    assert find_unclean(text) is None
    read = [word.value for word in words(text) if word.value is not None]
    assert read == ["before", value, "after", value, value, value, "inner", value]
    if value.endswith("_by_lua_block"):
        return  # a program stands behind such a name for crossplane; the model takes none
    first, second, third = read_tree(text)
    assert (first.name, first.args, first.block) == ("before", (value, "after"), None)
    assert (second.name, second.args, second.block) == (value, (), None)
    assert (third.name, third.args) == (value, (value,))
    assert third.block is not None
    assert [(one.name, one.args) for one in third.block] == [("inner", (value,))]


@MANY
@given(anything)
def test_any_text(value: str) -> None:
    read_or_refused(value, "")


@MANY
@given(lines.map(MultiLine))
def test_any_text_of_several_lines(value: MultiLine) -> None:
    read_or_refused(value, "\t\n\r")


def read_or_refused(value: str, allowed: str) -> None:
    """Show that a text is refused for one of three reasons, or read as it is by everybody."""
    wrong = next((char for char in value if (ord(char) < 32 or ord(char) == 127) and char not in allowed), None)
    wrong = wrong or next((char for char in value if 0xD800 <= ord(char) <= 0xDFFF), None)
    if wrong is not None:
        with pytest.raises(Unrepresentable, match=rf"U\+{ord(wrong):04X}"):
            quote(value)
    elif len(value.encode()) > MAX_BYTES:
        with pytest.raises(Unrepresentable, match=" bytes"):
            quote(value)
    elif 2 * len(value.encode()) <= MAX_BYTES or value.isalnum():
        assert not set(quote(value)) & set("\t\n\r")
        read_alike(value)


def test_every_few_special_characters() -> None:
    values = [MultiLine("".join(some)) for some in [*product(_SPECIALS, repeat=2), *product("\\\"'nx;$", repeat=4)]]
    text = "".join(f"v {quote(value)};\n" for value in values)
    assert find_unclean(text) is None
    assert [word.value for word in words(text) if word.value is not None][1::2] == values
    assert [one.args for one in read_tree(text)] == [(value,) for value in values]


def test_every_character_of_the_first_planes() -> None:
    values = [f"a{chr(code)}b" for code in range(0x20, 0x3100) if code != 0x7F] + [chr(0x1F600), chr(0x10FFFF)]
    text = "".join(f"v {quote(value)};\n" for value in values)
    assert [one.args for one in read_tree(text)] == [(value,) for value in values]
    assert [word.value for word in words(text) if word.value is not None][1::2] == values


@pytest.mark.parametrize("value", [*PLAIN, *MEANING, *HOSTILE, *LONG[:4]], ids=repr)
def test_known_texts(value: str) -> None:
    read_alike(value)


@pytest.mark.parametrize("value", [*REFUSED, LONG[4], LONG[5]], ids=lambda value: repr(value[:20]))
def test_what_no_file_can_hold(value: str) -> None:
    with pytest.raises(Unrepresentable):
        quote(value)


@pytest.mark.parametrize("code", [*range(0x20), 0x7F])
def test_control_characters(code: int) -> None:
    """No parameter holds one; a text of several lines holds three of them."""
    for value in (f"a{chr(code)}b", chr(code), f"{chr(code)}\n"):
        with pytest.raises(Unrepresentable, match=rf"U\+{code:04X}|U\+000A"):
            quote(value)
    if chr(code) in "\t\n\r":
        read_alike(MultiLine(f"a{chr(code)}b"))
    else:
        with pytest.raises(Unrepresentable, match=rf"U\+{code:04X}"):
            quote(MultiLine(f"a{chr(code)}b"))


@pytest.mark.parametrize(("char", "size"), [("x", 1), ('"', 2), ("é", 2), ("\u2028", 3), ("\U0001f600", 4)])
def test_the_longest_parameter(char: str, size: int) -> None:
    """Counted are the bytes of the file, in which an escaped character takes two."""
    most = MAX_BYTES // size
    rest = "x" * (MAX_BYTES - most * size)
    longest = char * most + rest
    assert len(quote(longest).encode()) <= MAX_BYTES + 2
    read_alike(longest)
    with pytest.raises(Unrepresentable, match=f"{MAX_BYTES:,}"):
        quote(longest + "x")


@MANY
@given(st.text(st.sampled_from("\\\"'trn$ x;")))
@example("\\\\n")
@example("\\\\\\n")
def test_decoding_is_nginx_own(raw: str) -> None:
    """Character by character, as nginx's ngx_conf_read_token copies a word."""
    made, at = "", 0
    while at < len(raw):
        if raw[at] == "\\" and at + 1 < len(raw) and raw[at + 1] in "\"'\\trn":
            made += {"t": "\t", "r": "\r", "n": "\n"}.get(raw[at + 1], raw[at + 1])
            at += 2
        else:
            made += raw[at]
            at += 1
    assert decode(raw) == made


# What nginx and crossplane read differently, or one of them not at all; planted into a text that is clean without.
PLANTED = {
    "braces of a variable in a bare word": "return 200 ${uri} ;",
    "two of them, which crossplane makes one": "log_format f ${host} ${uri};",
    "one of them before a block": "map ${host}${uri} $z {\n}",
    "an escaped one": "return 200 \\${uri};",
    "a closing brace inside a word": "return 200 a}b;",
    "a closing brace at its end": "return 200 a};",
    "an unquoted quantifier": "location ~ a{2,3} {\n}",
    "a blank beyond ASCII": "return 200 a\u00a0b;",
    "another, next to a name": "return\u3000200;",
    "a line separator in a bare word": "return 200 a\u2028b;",
    "a form feed": "return\f200;",
    "CR at the end of a comment": "# comment\r return 200 a;",
    "CR inside of quotes": 'return 200 "a\rb";',
    "CR between parameters": "return\r200;",
    "CR LF": "return 200;\r\n",
    "LF inside of quotes": 'return 200 "a\nb";',
    "TAB inside of quotes": 'return 200 "a\tb";',
    "a backslash in a bare word": "return 200 a\\.b;",
    "a backslash in single quotes": "return 200 'a\\'b';",
    "strings that touch": 'return 200 "a""b";',
    "a word that touches a string": 'return 200 "a"b;',
    "a quote inside of a word": 'return 200 a"b;',
    "an empty statement": "return 200;;",
    "a block without a name": "server { { } }",
    "a string that never ends": 'http {\n}\n"abc',
    "a mark of byte order": "\ufeffdaemon off;",
    "NUL": 'return 200 "x\0y";',
    "NUL in a comment": "# x\0y\n",
    "a comment between parameters": "return 200 # why\n a;",
    "a bare word beyond ASCII": "return 200 é;",
    "a block without a blank before it": "server{\n}",
    "a hash at the beginning of a word": "return 200 #x;",
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_difference_is_found(planted: str) -> None:
    clean = 'user "nobody";\n\nhttp {\n    # a comment\n    default_type text/html;\n}\n'
    assert find_unclean(clean) is None
    for text in (planted, f"{clean}{planted}", f"{clean}{planted}\n{clean}"):
        assert find_unclean(text) is not None
        with pytest.raises(Unreadable):
            read_tree(text)


TOO_LONG = {
    "a bare word that is too long": f"return 200 {'x' * 4096};",
    "a quoted word that is too long": f'return 200 "{"x " * 2048}";',
    "a word too long in bytes": f'return 200 "{"é" * 2048}";',
    "a comment that is too long": f"# {'x' * 4096}\n",
}


@pytest.mark.parametrize("planted", TOO_LONG.values(), ids=TOO_LONG)
def test_what_is_longer_than_the_buffer_of_nginx_is_refused(planted: str) -> None:
    with pytest.raises(Unreadable, match="more than 4,090 bytes"):
        read_tree(f"daemon off;\n{planted}\ndaemon off;\n")


@pytest.mark.parametrize("planted", ["user nobody", "# a comment", "http {", "}", "user nobody;\n}", '"'])
def test_a_text_that_ends_in_the_middle_is_refused(planted: str) -> None:
    with pytest.raises(Unreadable):
        read_tree(f"daemon off;\n{planted}")


@MANY
@given(
    st.lists(
        st.sampled_from(("a", "b1", '"x y"', "'q'", *';{} \n\t#\\$\ré"', "${")),
        max_size=12,
    ).map("".join)
)
def test_what_is_clean_is_read_alike(text: str) -> None:
    """Whatever passes for clean, crossplane and the own tokenizer read as the same words, or crossplane refuses it."""
    if find_unclean(text) is not None:
        return
    try:
        tree = read_tree(text)
    except Unreadable:
        return
    own = [word.value if word.value is not None else word.mark for word in words(text)]
    assert own == _flat(tree)


def _flat(tree: object) -> list[str]:
    found: list[str] = []
    for one in tree:  # type: ignore[attr-defined]
        found += [one.name, *one.args]
        found += [";"] if one.block is None else ["{", *_flat(one.block), "}"]
    return found
