"""Reading is the inverse of printing: for every field of every block, for its values, and for whole clusters."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from nginxgen import ConfigError, rendering
from nginxgen.conf.target import Target
from nginxgen.expand import expand
from nginxgen.model.block import registered_blocks
from nginxgen.model.cluster import Cluster
from nginxgen.model.hatch import Open
from nginxgen.model.schema import validate
from nginxgen.proven import render
from support.plain import OF_NGINXGEN, NotTaken, examples, padded
from support.proofs import prove_round_trip, templates
from support.slots import Place, Spot, places, spots
from support.strategies import cluster_data, explicit_clusters, field_values, hatch
from support.valid import made_valid

TARGETS = ["any", "1.18", "1.22.1", "1.26", "1.30", "1.31.4"]
OPEN = [place for place in places() if issubclass(place.cls, Open)]


def tried(count: int, whole: bool = False) -> Callable[[Any], Any]:
    """So many examples, ten times as many when the profile is thorough; whole clusters take long to be made smaller."""
    return settings(
        max_examples=count * (10 if settings().max_examples > 1000 else 1),
        phases=[Phase.explicit, Phase.reuse, Phase.generate] if whole else list(Phase),
        suppress_health_check=[HealthCheck.too_slow],
    )


@pytest.mark.parametrize("spot", spots(), ids=lambda spot: spot.label)
def test_each_field_of_each_block(spot: Spot) -> None:
    values = (padded(spot.field, one) for one in examples(spot.field.annotation, spot.place.cls))
    clusters = (validate(Cluster, spot.cluster(one)) for one in values)
    assert any(prove_round_trip(cluster) is not None for cluster in clusters), "no example of it is taken by nginx"


def test_every_block_is_among_them() -> None:
    reached = {place.cls for place in places()}
    groups = {base for cls in reached for base in cls.__mro__[1:]}
    assert {cls for cls in registered_blocks().values() if cls not in reached | groups} == OF_NGINXGEN


@tried(1200)
@given(st.data())
def test_any_value_of_any_field(data: st.DataObject) -> None:
    spot = data.draw(st.sampled_from(_fields))
    value = data.draw(field_values(spot.field))
    try:
        cluster = spot.cluster(value)
    except NotTaken:
        reject()  # as "domain=" and a text that is just short enough without
    prove_round_trip(validate(Cluster, cluster))


_fields = [spot for spot in spots() if spot.field.name != "directives"]


@tried(500)
@given(st.data())
def test_any_directive_of_the_escape_hatch(data: st.DataObject) -> None:
    place: Place = data.draw(st.sampled_from(OPEN))
    directives = data.draw(hatch(place.cls))
    spot = next(spot for spot in spots() if spot.place == place and spot.field.name == "directives")
    prove_round_trip(validate(Cluster, spot.cluster(directives)))


@tried(150, whole=True)
@given(explicit_clusters)
def test_whole_explicit_clusters(cluster: Cluster) -> None:
    prove_round_trip(cluster)


@pytest.mark.parametrize("name", TARGETS)
def test_whole_clusters_with_intents(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is not refused is proven; and most of what was made valid is not refused."""
    monkeypatch.setattr(rendering, "environment", lambda folder: templates())
    target = Target.parse(name)
    seen: Counter[str] = Counter()

    @tried(25, whole=True)
    @given(cluster_data(intents=True))
    def rendered(data: dict[str, Any]) -> None:
        with contextlib.suppress(ConfigError):
            render(validate(Cluster, data), target)
            seen["as it was"] += 1
        cluster = made_valid(data, target)
        if cluster is None:
            seen["given up"] += 1
            return
        shown = render(cluster, target)
        explicit = shown.expanded.cluster
        assert expand(explicit, target).cluster == explicit
        seen["made valid"] += 1

    rendered()
    assert seen["made valid"] > 9 * seen["given up"], seen
