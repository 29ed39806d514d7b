"""What is wrong between the parts of a cluster, each part being right for itself.

Judges what was said, before anything is filled in; never the target, which is `expand.dialect`'s business.
"""

from __future__ import annotations

from nginxgen.crosscheck import access, alike, groups, hatch, listeners, locations, references, tests, variables, zones
from nginxgen.diagnostic import Diagnostic
from nginxgen.model.cluster import Cluster
from nginxgen.model.walk import walk


def crosscheck(cluster: Cluster) -> list[Diagnostic]:
    """Every finding, in no order."""
    blocks = list(walk(cluster))
    checks = (access, alike, groups, listeners, locations, references, tests, variables, zones, hatch)
    return [found for one in checks for found in one.check(cluster, blocks)]
