"""Records: a directive's parameters by name, and how they become words and plain data again."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, ClassVar, NamedTuple, get_args, get_origin

from nginxgen.model.block import Block, Field, Role, is_block, strip_annotated, strip_optional
from nginxgen.model.kind import Between, Kind
from nginxgen.model.names import Match

WordsReader = Callable[[list[str]], Any]


class Record(Block):
    """A directive's parameters, by name: words by position, name=value, and words that stand or do not."""

    def words(self) -> list[str]:
        """The parameters as nginx.conf has them, in the order of the declarations."""
        return _record_words(self)

    @classmethod
    def from_words(cls, words: list[str]) -> dict[str, Any] | None:
        """The table that such parameters stand for; None when this record cannot hold them."""
        return _record_from_words(cls, words)


class Choice(Record):
    """One of several records, told apart by a word: ``class Hash(Balance, tag="hash")``.

    In a file the word stands under ``tag_key``, or alone when nothing else needs saying.
    """

    tag_key: ClassVar[str] = "method"
    tag: ClassVar[str]
    choices: ClassVar[dict[str, type[Any]]]

    def __init_subclass__(cls, tag: str | None = None) -> None:
        super().__init_subclass__()
        if tag is None:
            cls.choices = {}
        else:
            cls.tag = tag
            cls.choices[tag] = cls

    def __bool__(self) -> bool:
        return True

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {cls.tag_key: value} if isinstance(value, str) and "tag" not in cls.__dict__ else value

    @classmethod
    def from_other_words(cls, words: list[str]) -> dict[str, Any] | None:
        """The table for the words behind the one that tells the records apart."""
        return _record_from_words(cls, words)

    @classmethod
    def from_words(cls, words: list[str]) -> dict[str, Any] | None:
        variant = cls.choices.get(words[0]) if words else None
        if variant is None:
            return None
        data = variant.from_other_words(words[1:])
        return None if data is None else {cls.tag_key: words[0], **data}


def words_of(value: Any) -> list[str]:
    """A value's words in nginx.conf."""
    kind = type(value)
    if kind is str:
        return [value]
    if kind is bool:
        return ["on" if value else "off"]
    if kind is int:
        return [str(value)]
    if kind is tuple:
        return [word for one in value for word in words_of(one)]
    if isinstance(value, Record | Match):
        return value.words()
    if isinstance(value, str):
        return [value]
    raise TypeError(f"{value!r} has no words in nginx.conf")


@cache
def words_reader(annotation: Any) -> WordsReader:
    """For a type: what makes plain data of words, or None of words that the type cannot hold."""
    inner, _ = strip_optional(annotation)
    inner, metadata = strip_annotated(inner)
    if is_block(inner):
        return _of_record(inner)
    if get_origin(inner) is tuple:
        return _of_each(words_reader(get_args(inner)[0]))
    if any(isinstance(one, Kind) and one.joined for one in metadata):
        return joined
    if inner is bool:
        return lambda words: {"on": True, "off": False}.get(words[0]) if len(words) == 1 else None
    if inner is int or any(isinstance(one, Between) for one in metadata):
        return lambda words: _number(words[0]) if len(words) == 1 else None
    return lambda words: words[0] if len(words) == 1 else None


def joined(words: list[str]) -> str | None:
    """The path of a location; None of words that nginx would take otherwise than it is written."""
    path = Match(" ".join(words))
    return path if path.words() == list(words) else None


def _of_record(cls: type[Block]) -> WordsReader:
    return cls.from_words if issubclass(cls, Record) else lambda words: None


def _of_each(read: WordsReader) -> WordsReader:
    def read_all(words: list[str]) -> Any:
        values = [read([one]) for one in words]
        return None if not words or None in values else values

    return read_all


def _number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 20 else None


def _record_words(record: Record) -> list[str]:
    """A record's words, in the order of its fields."""
    said = record.__dict__
    words: list[str] = []
    for name, role, word in _layout(type(record)):
        if name in said:
            value = said[name]
            if role is Role.ARG:
                words += words_of(value)
            elif role is Role.PARAM:
                words += [f"{word}={one}" for one in words_of(value)]
            elif role is Role.FLAG and value:
                words.append(word)
    return words


@cache
def _layout(cls: type[Block]) -> list[tuple[str, Role, str]]:
    return [(field.name, field.declared.role, field.word) for field in cls.fields.values()]


class _Shape(NamedTuple):
    """How a record's words are told apart."""

    positional: list[tuple[Field, bool, WordsReader]]
    """The fields known by their position, whether each takes several words, and what reads them."""
    parameters: dict[str, tuple[str, WordsReader]]
    flags: dict[str, str]

    def names(self, word: str) -> bool:
        """Whether a word is a flag or begins with a parameter's name."""
        name, equals, _ = word.partition("=")
        return word in self.flags or (bool(equals) and name in self.parameters)


@cache
def _shape(cls: type[Block]) -> _Shape:
    shape = _Shape([], {}, {})
    for field in cls.fields.values():
        read = words_reader(field.annotation)
        if field.declared.role is Role.ARG:
            inner, _ = strip_annotated(strip_optional(field.annotation)[0])
            shape.positional.append((field, get_origin(inner) is tuple, read))
        elif field.declared.role is Role.PARAM:
            shape.parameters[field.word] = field.key, read
        elif field.declared.role is Role.FLAG:
            shape.flags[field.word] = field.key
    return shape


def _record_from_words(cls: type[Block], words: Sequence[str]) -> dict[str, Any] | None:
    """The table that words stand for: the positional ones first, the others in any order."""
    shape = _shape(cls)
    data: dict[str, Any] = {}
    rest = list(words)
    for field, takes_several, read in shape.positional:
        if takes_several:
            count = next((at for at, one in enumerate(rest) if shape.names(one)), len(rest))
        else:
            count = 1 if rest and (field.required or not shape.names(rest[0])) else 0
        if count and (value := read(rest[:count])) is not None:
            data[field.key] = value
            rest = rest[count:]
        elif field.required:
            return None
    return data if all(_read_named(shape, one, data) for one in rest) else None


def _read_named(shape: _Shape, word: str, data: dict[str, Any]) -> bool:
    if flag := shape.flags.get(word):
        data[flag] = True
        return True
    name, equals, text = word.partition("=")
    key, read = shape.parameters.get(name, ("", None))
    if not equals or read is None or (value := read([text])) is None:
        return False
    if isinstance(value, list):
        data.setdefault(key, []).extend(value)
        return True
    if key in data:
        return False
    data[key] = value
    return True
