"""The JSON API as a program meets it: answers, bounds, errors, and what the public may not see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.testclient import TestClient

Editions = dict[str, int]


def titles(client: TestClient, **parameters: Any) -> list[str]:
    answer = client.get("/api/v1/search", params=parameters)
    assert answer.status_code == 200, answer.text
    return [hit["title"] for hit in answer.json()["hits"]]


def test_search_answers_what_the_page_would(client: TestClient, editions: Editions) -> None:
    answer = client.get("/api/v1/search", params={"q": "题名:紅樓夢", "facet": ["member", "class"], "size": 5}).json()
    assert answer["query"] == "title:紅樓夢"
    assert (answer["total"], answer["page"], answer["size"], answer["notes"]) == (1, 1, 5, [])
    hit = answer["hits"][0]
    assert hit["url"] == f"http://127.0.0.1:8000/record/{editions['dream']}"
    assert (hit["title"], hit["members"], hit["copies"], hit["available"]) == ("红楼梦", ["htcl", "zjsl"], 3, 2)
    member, main_class = answer["facets"]
    assert {v["value"]: v["count"] for v in member["values"]} == {"htcl": 1, "zjsl": 1}
    assert main_class["values"][0]["label"] == {"zh": "I 文学", "en": "I Literature"}


def test_filters_are_those_of_the_page(client: TestClient) -> None:
    assert titles(client, member=["zjsl"], year="1980-1990") == ["红楼梦"]
    assert titles(client, **{"class": "I"}) == ["红楼梦"]
    assert titles(client, available="yes") == ["红楼梦"]
    assert titles(client, member="qtut") == []
    assert set(titles(client, sort="oldest")) == {"西湖志", "红楼梦"}
    assert titles(client, q="内部资料") == []


def test_pages_link_to_their_neighbours(client: TestClient) -> None:
    first = client.get("/api/v1/search", params={"size": 1, "sort": "title"}).json()
    assert set(first["links"]) == {"self", "next"}
    second = client.get(first["links"]["next"].removeprefix("http://127.0.0.1:8000")).json()
    assert set(second["links"]) == {"self", "prev"}
    assert first["hits"] != second["hits"]


OUT_OF_BOUNDS: list[dict[str, Any]] = [
    {"size": 0}, {"size": 101}, {"page": 0}, {"page": 10**9}, {"page": 200, "size": 100}, {"sort": "best"}, {"facet": "shoe-size"},
    {"year": "last year"}, {"available": "no"}, {"q": "x" * 1001}, {"facet_size": 100_000}, {"member": ["a"] * 31},
]  # fmt: skip


def test_parameters_out_of_bounds_are_problems_in_both_languages(client: TestClient) -> None:
    for parameters in OUT_OF_BOUNDS:
        answer = client.get("/api/v1/search", params=parameters)
        assert answer.status_code == 422, parameters
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == 422
        assert problem["type"].startswith("urn:wenlan:error:")
        assert problem["zh"] == problem["detail"]
        assert problem["en"].isascii()
        english = client.get("/api/v1/search", params=parameters, headers={"accept-language": "en-GB,en"}).json()
        assert english["detail"] == english["en"]


def test_no_query_is_an_error(client: TestClient) -> None:
    for query in ('"', "((", "title:", "- - -", "year:x", "OR", "\x00", "《", "a" * 1000):
        assert client.get("/api/v1/search", params={"q": query}).status_code == 200, query


def test_suggestions(client: TestClient) -> None:
    assert client.get("/api/v1/suggest", params={"q": "hlm"}).json() == {"titles": ["红楼梦"]}
    assert client.get("/api/v1/suggest").status_code == 422


def test_a_record_with_provenance_holdings_and_sources(client: TestClient, editions: Editions) -> None:
    record = client.get(f"/api/v1/records/{editions['dream']}").json()
    assert record["description"]["titles"] == [{"text": "红楼梦"}]
    assert record["description"]["publication"][0]["year"] == 1982
    assert [h["member"] for h in record["holdings"]] == ["htcl", "zjsl"]
    assert {r["member"] for r in record["records"]} == {"htcl", "qtut", "zjsl"}
    assert record["records"][0]["schema"] == "cnmarc"
    assert record["provenance"]["titles"][0]["record"] in {r["id"] for r in record["records"]}
    assert record["formats"]["text/turtle"].endswith(f"/record/{editions['dream']}.ttl")


def test_holdings_count_copies(client: TestClient, editions: Editions) -> None:
    answer = client.get(f"/api/v1/records/{editions['dream']}/holdings").json()
    assert (answer["copies"], answer["available"]) == (3, 2)
    assert [h["call_number"] for h in answer["holdings"]] == ["I242.4/7", "I242.4/12"]


def test_ids_of_the_past_and_of_others(client: TestClient, editions: Editions) -> None:
    moved = client.get(f"/api/v1/records/{editions['merged']}/holdings")
    assert (moved.status_code, moved.headers["location"]) == (301, f"/api/v1/records/{editions['dream']}/holdings")
    gone = client.get(f"/api/v1/records/{editions['gone']}")
    assert (gone.status_code, gone.json()["code"]) == (410, "record-withdrawn")
    assert gone.json()["withdrawn"].endswith("Z")
    for id, status in ((editions["hidden"], 404), (999_999, 404), (0, 422), (2**63, 422), ("x", 422)):
        answer = client.get(f"/api/v1/records/{id}")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_members(client: TestClient) -> None:
    rows = client.get("/api/v1/members").json()["members"]
    assert {"zjsl", "whbk"} <= {row["code"] for row in rows}
    one = client.get("/api/v1/members/zjsl").json()
    assert (one["name"]["zh"], one["region"][0]) == ("之江省图书馆", "33")
    assert client.get("/api/v1/members/nobody").json()["code"] == "member-unknown"


def test_addresses_that_are_none(client: TestClient) -> None:
    assert client.get("/api/v1/nonsense").json()["code"] == "address-unknown"
    answer = client.post("/api/v1/search")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


def test_a_database_that_is_away_is_a_problem_too(client: TestClient, context: Any, editions: Editions) -> None:
    from schemas.db import Database

    class Away(Database):
        @property
        def pool(self) -> Any:
            import psycopg

            raise psycopg.OperationalError("away")

    client.app.state.wenlan.database = Away("")  # type: ignore[attr-defined]
    answer = client.get(f"/api/v1/records/{editions['dream']}")
    assert (answer.status_code, answer.json()["code"]) == (503, "database")


def test_the_description_of_the_api_is_complete(client: TestClient) -> None:
    description = client.get("/api/v1/openapi.json").json()
    assert set(description["paths"]) == {
        "/api/v1/search", "/api/v1/suggest", "/api/v1/records/{cluster}", "/api/v1/records/{cluster}/holdings", "/api/v1/members",
        "/api/v1/members/{code}",
    }  # fmt: skip
    parameters = description["paths"]["/api/v1/search"]["get"]["parameters"]
    assert {"q", "class", "year", "facet", "sort", "page", "size"} <= {p["name"] for p in parameters}
    assert all(p.get("description") for p in parameters)
    assert "publication" in description["components"]["schemas"]["BibRecord"]["properties"]
    page = client.get("/api/v1/docs").text
    assert "/api/v1/records/{cluster}" in page
    assert "<script" not in page
