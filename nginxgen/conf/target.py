"""The nginx that a text is written for: a range of versions and, when a binary was asked, its modules."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

from nginxgen.conf.facts import Form, distributions, forms_in
from nginxgen.conf.version import NEWEST, OLDEST, Version

# Modules that are built only when asked for, by the name nginx's configure script has for them.
_OPTIONAL = {
    "ngx_http_addition_filter_module": "http_addition_module",
    "ngx_http_auth_request_module": "http_auth_request_module",
    "ngx_http_dav_module": "http_dav_module",
    "ngx_http_degradation_module": "http_degradation_module",
    "ngx_http_flv_module": "http_flv_module",
    "ngx_http_geoip_module": "http_geoip_module",
    "ngx_http_gunzip_filter_module": "http_gunzip_module",
    "ngx_http_gzip_static_module": "http_gzip_static_module",
    "ngx_http_image_filter_module": "http_image_filter_module",
    "ngx_http_mp4_module": "http_mp4_module",
    "ngx_http_perl_module": "http_perl_module",
    "ngx_http_random_index_module": "http_random_index_module",
    "ngx_http_realip_module": "http_realip_module",
    "ngx_http_secure_link_module": "http_secure_link_module",
    "ngx_http_slice_filter_module": "http_slice_module",
    "ngx_http_ssl_module": "http_ssl_module",
    "ngx_http_stub_status_module": "http_stub_status_module",
    "ngx_http_sub_filter_module": "http_sub_module",
    "ngx_http_v2_module": "http_v2_module",
    "ngx_http_v3_module": "http_v3_module",
    "ngx_http_xslt_filter_module": "http_xslt_module",
    "ngx_google_perftools_module": "google_perftools_module",
    "ngx_stream_geoip_module": "stream_geoip_module",
    "ngx_stream_realip_module": "stream_realip_module",
    "ngx_stream_ssl_module": "stream_ssl_module",
    "ngx_stream_ssl_preread_module": "stream_ssl_preread_module",
    "ngx_mail_ssl_module": "mail_ssl_module",
    "ngx_thread_pool": "threads",
}


def _asked_for(module: str) -> str | None:
    """What the configure script is asked for so that a module is built; None when it builds it unasked."""
    # nginx.org leaves "filter" out of the names that the source has.
    if asked_for := _OPTIONAL.get(module) or _OPTIONAL.get(module.replace("_module", "_filter_module")):
        return asked_for
    return _family(module)


def _family(module: str) -> str | None:
    return next((family for family in ("stream", "mail") if module.startswith(f"ngx_{family}")), None)


def _suggestion(text: str) -> str:
    """What was meant, or what there is."""
    if close := get_close_matches(text.lower(), [*distributions(), "any"], n=1):
        return f"did you mean {close[0]}?"
    families = sorted({name.partition("-")[0] for name in distributions()})
    return f"write a version such as 1.22, any, or a release of {', '.join(families)} such as debian-12"


class Target(NamedTuple):
    """The versions of nginx that must read a text alike; usually one."""

    lowest: Version
    highest: Version
    name: str
    configured: frozenset[str] | None = None
    """The arguments of a binary's configure script, without "--"; None when only a version is known."""

    @classmethod
    def parse(cls, text: str) -> Target:
        """``any``, a version such as ``1.22`` or ``1.31.4``, or a distribution such as ``debian-12``.

        Raises:
            ValueError: with what would be taken instead.
        """
        if text == "any":
            return ANY
        shipped = distributions().get(text.lower())
        try:
            version = Version.parse(shipped or text)
        except ValueError:
            raise ValueError(f"{text!r} is no nginx that nginxgen knows; {_suggestion(text)}") from None
        if not OLDEST <= version <= NEWEST:
            raise ValueError(f"nginx {version} lies outside what nginxgen knows: {OLDEST} to {NEWEST}")
        name = f"{text.lower()} (nginx {shipped})" if shipped else f"nginx {text}"
        return cls(version, version, name)

    @classmethod
    def from_banner(cls, banner: str) -> Target:
        """From what ``nginx -V`` prints.

        Raises:
            ValueError: when no version of nginx stands there.
        """
        if not (found := re.search(r"nginx version: \S+?/([0-9.]+)", banner)):
            raise ValueError("it does not print a version of nginx")
        version = Version.parse(found[1])
        arguments = frozenset(re.findall(r"--([a-z][\w=-]*)", banner))
        return cls(version, version, f"nginx {version}", arguments)

    def versions(self) -> tuple[Version, ...]:
        """The ends of the range; whatever holds at both holds between them."""
        return (self.lowest,) if self.lowest == self.highest else (self.lowest, self.highest)

    def since(self, version: Version | None) -> bool:
        """Whether every nginx of the range has what came with that version."""
        return version is None or self.lowest >= version

    def has(self, directive: str, context: str) -> bool:
        """Whether every nginx of the range has the directive in that context."""
        return self.find(directive, context) is not None

    def find(self, directive: str, context: str) -> Form | None:
        """The directive's form in that context at the lowest version, if every version has one."""
        candidates = [form for form in forms_in(directive, context) if self.has_module(form.module)]
        found = [next((form for form in candidates if form.holds(version)), None) for version in self.versions()]
        return found[0] if all(found) else None

    def has_module(self, module: str) -> bool:
        """Whether the module is built in, and not one to be loaded; taken for granted where only a version is known."""
        if self.configured is None:
            return True
        if asked_for := _asked_for(module):
            parts = {asked_for, _family(module) or asked_for}
            return {f"with-{one}" for one in parts} <= self.configured
        without = "without-" + module.removeprefix("ngx_").replace("_filter_module", "_module")
        return without not in self.configured

    def loads_module(self, module: str) -> bool:
        """Whether the module was built beside the binary, so that ``load_module`` finds it."""
        return f"with-{_asked_for(module)}=dynamic" in (self.configured or ())

    @property
    def has_foreign_modules(self) -> bool:
        """Whether modules that are not nginx's own were built in, so that unknown names may be theirs."""
        return any(one.startswith("add-") for one in self.configured or ())


ANY = Target(OLDEST, NEWEST, f"any nginx from {OLDEST.major}.{OLDEST.minor} to {NEWEST.major}.{NEWEST.minor}")
