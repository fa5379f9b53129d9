"""How long objects take: made, changed, read, compared, printed, pickled; and what one of them weighs."""

from __future__ import annotations

import pickle
import tracemalloc

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery.secret import Secret

USERS = 2_000


@pytest.fixture(scope="module")
def endpoint() -> Endpoint:
    """Return an endpoint that says as much as a provisioned one does."""
    return Endpoint(
        "alice",
        context="internal",
        allow="!all,g722,alaw",
        auth="alice",
        aors="alice",
        callerid="Alice <100>",
        direct_media=False,
        dtmf_mode="info",
        rtp_symmetric=True,
        rewrite_contact=True,
    )


@pytest.mark.benchmark(group="objects")
def test_a_new_endpoint_with_all_defaults(benchmark: BenchmarkFixture) -> None:
    assert benchmark(lambda: Endpoint("alice")).context == "default"


@pytest.mark.benchmark(group="objects")
def test_a_new_auth(benchmark: BenchmarkFixture) -> None:
    made = benchmark(lambda: Auth("alice", username="alice", password="secret"))
    assert made.password == Secret("secret")


@pytest.mark.benchmark(group="objects")
def test_a_copy_of_an_endpoint_with_one_change(benchmark: BenchmarkFixture, endpoint: Endpoint) -> None:
    assert benchmark(lambda: endpoint.evolve(context="sales")).context == "sales"


@pytest.mark.benchmark(group="objects")
def test_the_object_set_of_an_endpoint(benchmark: BenchmarkFixture, endpoint: Endpoint) -> None:
    assert ("context", "internal") in benchmark(endpoint.objectset)


@pytest.mark.benchmark(group="objects")
def test_the_settings_of_an_endpoint(benchmark: BenchmarkFixture, endpoint: Endpoint) -> None:
    assert Endpoint.from_objectset("alice", benchmark(endpoint.settings)) == endpoint


@pytest.mark.benchmark(group="objects")
def test_an_endpoint_of_its_settings(benchmark: BenchmarkFixture, endpoint: Endpoint) -> None:
    settings = endpoint.settings()
    assert benchmark(lambda: Endpoint.from_objectset("alice", settings)) == endpoint


@pytest.mark.benchmark(group="objects")
def test_comparing_equal_endpoints(benchmark: BenchmarkFixture, endpoint: Endpoint) -> None:
    twin = endpoint.evolve()
    assert benchmark(lambda: endpoint == twin)


@pytest.mark.benchmark(group="objects")
def test_pickling_there_and_back(benchmark: BenchmarkFixture, endpoint: Endpoint) -> None:
    assert benchmark(lambda: pickle.loads(pickle.dumps(endpoint))) == endpoint


@pytest.mark.benchmark(group="a thousand attributes")
def test_an_attribute_of_the_endpoint_itself(benchmark: BenchmarkFixture, endpoint: Endpoint) -> None:
    endpoints = [endpoint] * 1_000
    assert benchmark(lambda: [each.context for each in endpoints])[0] == "internal"


@pytest.mark.benchmark(group="a thousand attributes")
def test_an_attribute_that_all_endpoints_have_in_common(benchmark: BenchmarkFixture, endpoint: Endpoint) -> None:
    endpoints = [endpoint] * 1_000
    assert benchmark(lambda: [each.timers for each in endpoints])[0] == "yes"


def test_a_user_of_a_template_takes_less_than_1_kb() -> None:
    template = Endpoint.__sorcery__.draft("")
    for name, text in (("context", "internal"), ("direct_media", "no"), ("allow", "!all,g722")):
        template.apply(name, text)
    template.fork("first").finish()
    tracemalloc.start()
    users = []
    for number in range(USERS):
        draft = template.fork(f"user{number}")
        draft.apply("auth", draft.id)
        draft.apply("aors", draft.id)
        users.append((draft.finish(), Auth(draft.id, username=draft.id, password=f"s{number}"), Aor(draft.id)))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / len(users) < 1_000
