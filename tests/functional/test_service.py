"""The service asked without a network: the same scores, and what it answers instead of one."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

import fs_risk as fs
import ledgers
import services
from fs_risk.cli.serve import read_and_stamp
from fs_risk.records.records import Origin
from fs_risk.triage.prioritise_places import DUE
from fs_risk.triage.scope import CODES
from fs_risk.triage.score import scorer
from fs_risk.triage.service_desk import Desk, Holding
from fs_risk.triage.service_tokens import Tokens


@pytest.fixture(scope="module")
def village():
    return services.village()


@pytest.fixture(scope="module")
def history(village):
    return fs.History.from_records(village)


@pytest.fixture(scope="module")
def referrals(village):
    return services.declared(village)


@pytest.fixture(scope="module")
def desk(history, small_model):
    return services.desk_of(history, small_model)


@pytest.fixture
def client(desk):
    with services.asking(desk) as client:
        yield client


def ask(client, referral, **changes):
    return client.post("/v1/score", {"referral": services.body_of(referral) | changes})


class TestSameScores:
    def test_batch_single_and_service_agree_on_every_historic_referral(
        self, client, history, small_model, referrals
    ):
        """G1: to the last bit, reasons, interval and id included."""
        assert len(referrals) > 200
        batch = scorer(history, small_model).score(referrals)
        for referral, expected in zip(referrals, batch, strict=True):
            single = fs.score_referral(referral, records=history, model=small_model)
            answer = ask(client, referral)
            assert answer.status_code == 200
            assert single == expected
            assert answer.json() == expected.model_dump(mode="json")
            assert fs.RiskScore.model_validate_json(answer.content) == expected

    def test_list_is_the_list_of_prioritise(self, client, history, small_model, referrals):
        """G1."""
        some = referrals[-60:]
        asked = {"capacity": 9, "purpose": "second_read"}
        answer = client.post(
            "/prioritise", {**asked, "referrals": [services.body_of(one) for one in some]}
        ).json()
        ranked = fs.prioritise(some, records=history, model=small_model, **asked)

        assert [item["score"] for item in answer["items"]] == [
            score.model_dump(mode="json") for score in ranked.scores
        ]
        for name in ("block", "listed", "household"):
            assert [item[name] for item in answer["items"]] == ranked.table[name].to_list()
        places = ranked.table["place"].astype(object).where(ranked.table["place"].notna(), None)
        assert [item["place"] for item in answer["items"]] == places.to_list()
        assert answer["summary"] == ranked.summary()

    def test_list_passes_on_what_is_asked(self, client, referrals):
        some = [services.body_of(one) for one in referrals[-40:]]
        some = [one | {"decided": False} for one in some[:3]] + some[3:]
        day = max(one["referral_date"] for one in some)
        answer = client.post(
            "/prioritise",
            {"referrals": some, "capacity": 0.25, "purpose": "allocation", "on": day,
             "random_share": 0.5, "seed": 3},
        ).json()  # fmt: skip

        assert (answer["capacity"], answer["on"], answer["seed"]) == (10, day, 3)
        assert "drawn" in answer["summary"]
        assert answer["items"][0]["block"] == DUE
        assert set(answer["blocks"]) >= {item["block"] for item in answer["items"]}

    def test_household_chronology_and_what_would_change_come_on_request(
        self, client, history, small_model, referrals
    ):
        """G1."""
        wanted = {"household": True, "chronology": True, "would_change": True}
        for referral in referrals[-12:]:
            body = {"referral": services.body_of(referral)}
            asked = client.post("/score", body | wanted).json()
            made = fs.score_referral(referral, records=history, model=small_model, **wanted)
            assert asked == made.model_dump(mode="json")
            assert asked["chronology"] is not None

    def test_threads_do_not_disturb_each_other(self, history, small_model, referrals):
        """G1: eight at once, in orders of their own."""
        by = scorer(history, small_model)
        expected = by.score(referrals)

        def score(turn):
            places = [(turn * 37 + step) % len(referrals) for step in range(20)]
            return [
                fs.score_referral(referrals[at], records=history, model=small_model) == expected[at]
                for at in places
            ]

        with ThreadPoolExecutor(8) as pool:
            assert all(all(same) for same in pool.map(score, range(8)))

    def test_requests_at_once_get_their_own_answers(self, client, referrals):
        some = referrals[-24:]
        answers = client.together(
            *(("POST", "/score", {"referral": services.body_of(one)}) for one in some)
        )

        assert [one.json()["referral_id"] for one in answers] == [r.referral_id for r in some]


class TestCodes:
    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("PERSON_NOW", {"immediate_concern": "injury"}),
            ("RESTRICTED", {"restricted": True}),
            ("OUT_OF_SCOPE", {"kind": "custody"}),
            ("STALE_EXTRACT", {"referral_date": "2031-01-01", "birth_date": "2029-01-01"}),
            ("NOT_OBSERVED", {"referral_date": "1999-01-01", "birth_date": "1998-01-01"}),
        ],
    )
    def test_code_is_an_answer_and_no_error(self, client, referrals, code, changes):
        answer = ask(client, referrals[-1], child_id="not known", **changes)

        assert answer.status_code == 200
        assert answer.json()["code"] == code
        assert answer.json()["code_meaning"] == CODES[code]
        assert answer.json()["probability"] is None

    def test_unknown_child_is_a_normal_case(self, client, referrals):
        answer = ask(client, referrals[-1], child_id="not known", birth_date="2020-01-01").json()

        assert answer["code"] is None
        assert answer["probability"] > 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "kind", "content", "headers"),
        [
            (400, "not-json", b"{", {}),
            (400, "not-json", b'{"referral": {}, "referral": {}}', {}),
            (400, "not-json", b'{"referral": NaN}', {}),
            (400, "not-json", b"\xff\xfe{}", {}),
            (400, "not-json", b"[" * 16_000, {}),
            (400, "not-json", b'{"referral": ' + b"9" * 5_000 + b"}", {}),
            (413, "too-large", b" " * 70_000, {}),
            (415, "not-this-type", b"{}", {"content-type": "text/plain"}),
            (415, "not-this-type", b"{}", {"content-type": "application/json; charset=utf-16"}),
            (415, "not-this-type", b"{}", {"content-encoding": "gzip"}),
            (422, "not-readable", b"{}", {}),
            (422, "not-readable", b"", {}),
            (422, "not-readable", b"[]", {}),
            (422, "not-readable", b"null", {}),
            (431, "head-too-large", b"{}", {"x-long": "a" * 9_000}),
            (431, "head-too-large", b"{}", {f"x-{n}": "a" for n in range(70)}),
        ],
    )
    def test_each_is_a_problem_that_says_what_to_do(self, client, status, kind, content, headers):
        answer = client(
            "POST", "/score", content=content,
            headers={"content-type": "application/json", **headers},
        )  # fmt: skip
        problem = answer.json()

        assert (answer.status_code, problem["type"]) == (status, f"urn:fs-risk:problem:{kind}")
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["fix"]
        assert problem["request_id"] == answer.headers["x-request-id"]

    @pytest.mark.parametrize(
        ("field", "value", "why"),
        [
            ("referral_date", "05/03/2024", "not a date"),
            ("referral_date", "2024-03-05T00:00:00", "not a date"),
            ("referral_date", 1709596800, "not a date"),
            ("referral_date", "2024-02-30", "not a date"),
            ("birth_date", "20240305", "not a date"),
            ("child_id", 4711, "not text"),
            ("child_id", "  ", "empty"),
            ("child_id", "x" * 101, "too long"),
            ("child_id", "\ud800", "not text"),
            ("restricted", "true", "neither true nor false"),
            ("restricted", 1, "neither true nor false"),
            ("kind", "other", "not one of its values"),
            ("immediate_concern", "", "not one of its values"),
            ("source", "99Z", "not a census code"),
        ],
    )
    def test_field_is_named_and_its_value_is_not(self, client, referrals, field, value, why):
        body = json.dumps({"referral": services.body_of(referrals[-1]) | {field: value}})
        answer = client(
            "POST", "/score", content=body, headers={"content-type": "application/json"}
        )

        assert answer.status_code == 422
        assert answer.json()["detail"].endswith(f": referral {field} ({why}).")

    def test_unknown_field_is_counted_and_not_repeated(self, client, referrals):
        answer = ask(client, referrals[-1], forename="Ann")

        assert answer.status_code == 422
        assert "1 field that is not known" in answer.json()["detail"]
        assert "forename" not in answer.text
        assert "Ann" not in answer.text

    @pytest.mark.parametrize(
        "asked",
        [
            {"capacity": 0},
            {"capacity": 1.5},
            {"capacity": True},
            {"capacity": "9"},
            {"purpose": "close"},
            {"purpose": "no_further_action"},
            {"referrals": {}},
        ],
    )
    def test_list_takes_nothing_away(self, client, referrals, asked):
        """G9: no purpose that takes attention away, no capacity of nobody."""
        body = {
            "referrals": [services.body_of(one) for one in referrals[-3:]],
            "capacity": 2,
            "purpose": "second_read",
        }
        assert client.post("/prioritise", body).status_code == 200
        assert client.post("/prioritise", body | {"capacity": 2.0}).status_code == 200
        assert client.post("/prioritise", body | asked).status_code == 422

    def test_referral_twice_in_a_list_is_refused(self, client, referrals):
        twice = [services.body_of(referrals[-1])] * 2
        answer = client.post(
            "/prioritise", {"referrals": twice, "capacity": 2, "purpose": "second_read"}
        )

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:fs-risk:problem:not-possible"
        assert referrals[-1].referral_id not in answer.text

    def test_too_many_referrals_are_refused(self, client, referrals):
        many = [services.body_of(referrals[-1]) | {"referral_id": f"R{n}"} for n in range(1_001)]
        answer = client.post(
            "/prioritise", {"referrals": many, "capacity": 2, "purpose": "second_read"}
        )

        assert answer.status_code == 422
        assert "referrals (too many)" in answer.json()["detail"]

    def test_screening_of_children_without_a_referral_is_refused(self, client, referrals):
        """G6: no score without a referral of its own."""
        body = services.body_of(referrals[-1])
        del body["referral_id"]

        assert "referral_id (missing)" in client.post("/score", {"referral": body}).json()["detail"]

    @pytest.mark.parametrize(
        ("status", "method", "path"),
        [
            (404, "GET", "/"),
            (404, "GET", "/docs"),
            (404, "GET", "/v2/model"),
            (404, "POST", "/score/R1"),
            (404, "GET", "/v1"),
            (405, "GET", "/score"),
            (405, "DELETE", "/score"),
            (405, "POST", "/model"),
            (400, "GET", "/model?child_id=A"),
        ],
    )
    def test_other_addresses_are_refused(self, client, status, method, path):
        answer = client(method, path)

        assert answer.status_code == status
        assert answer.headers.get("allow", "") == {405: answer.headers.get("allow")}.get(status, "")
        assert answer.json()["request_id"]


class TestWhoMayAsk:
    @pytest.fixture
    def guarded(self, desk, monkeypatch):
        monkeypatch.setenv("FS_RISK_SERVICE_TOKENS", f"case-system:{services.TOKEN}")
        with services.asking(desk, tokens=Tokens()) as client:
            yield client

    def test_token_is_needed_for_all_but_health(self, guarded):
        for path in ("/model", "/openapi.json", "/nowhere"):
            answer = guarded.get(path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
        assert guarded.post("/score", {}).status_code == 401
        assert guarded.get("/health").status_code == 200
        assert guarded.get("/ready").json()["tokens"] == "ok"

    def test_token_lets_in(self, guarded, referrals):
        body = {"referral": services.body_of(referrals[-1])}

        assert guarded.post("/score", body, headers=services.AUTHORISED).status_code == 200

    @pytest.mark.parametrize(
        "header",
        [services.TOKEN, f"Basic {services.TOKEN}", f"Bearer {services.TOKEN}x", "Bearer", ""],
    )
    def test_other_headers_do_not(self, guarded, header):
        assert guarded.get("/model", headers={"authorization": header}).status_code == 401

    def test_log_names_the_client_and_never_the_token(self, guarded, caplog):
        caplog.set_level("INFO", logger="fs_risk.service")
        guarded.get("/model", headers=services.AUTHORISED)

        assert caplog.records[-1].said["client"] == "case-system"
        assert services.TOKEN not in repr([vars(record) for record in caplog.records])

    def test_description_asks_for_the_token(self, guarded):
        said = guarded.get("/openapi.json", headers=services.AUTHORISED).json()

        assert said["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
        assert said["security"] == [{"token": []}]
        assert said["paths"]["/health"]["get"]["security"] == []

    @pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8321", "", "[::2]"])
    def test_without_tokens_only_local_names_are_answered(self, client, host):
        """A page in a browser can make its own name lead to this machine."""
        assert client.get("/model", headers={"host": host}).status_code == 421

    @pytest.mark.parametrize("host", ["localhost:8321", "127.0.0.1", "[::1]:8321", "[::1]"])
    def test_local_names_are_answered(self, client, host):
        assert client.get("/model", headers={"host": host}).status_code == 200


class TestLedger:
    @pytest.fixture
    def ledger(self, tmp_path):
        ledger = ledgers.begin(tmp_path)
        yield ledger
        ledger.close()

    def test_what_is_answered_is_recorded(self, history, small_model, referrals, ledger):
        """G2."""
        with services.asking(services.desk_of(history, small_model, ledger)) as client:
            one = ask(client, referrals[-1]).json()
            some = [services.body_of(each) for each in referrals[-4:-1]]
            client.post("/prioritise", {"referrals": some, "capacity": 2, "purpose": "allocation"})
            assert client.get("/model").json()["ledger"] == "kept"

        assert ledger.scores()["entry"].to_list() == [1, 2, 3, 4]
        assert ledger.replay(one["score_id"], model=small_model).verdict == "SAME"
        assert ledger.verify() == []

    def test_no_score_is_given_that_cannot_be_recorded(
        self, tmp_path, history, small_model, referrals
    ):
        """G2: the database goes away while the service runs."""
        ledger = ledgers.begin(tmp_path)
        with services.asking(services.desk_of(history, small_model, ledger)) as client:
            assert client.get("/ready").json() == {
                "ready": True, "history": "stale", "ledger": "ok", "tokens": "none needed",
            }  # fmt: skip
            ledger.close()
            (tmp_path / "ledger.db").write_bytes(b"no database any more")
            answer = ask(client, referrals[-1])
            ready = client.get("/ready")

        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.json()["type"] == "urn:fs-risk:problem:not-recorded"
        assert "probability" not in answer.text
        assert (ready.status_code, ready.json()["ledger"]) == (503, "failing")
        ledger.close()

    def test_absence_of_a_ledger_is_said(self, client):
        assert client.get("/model").json()["ledger"] == "absent"
        assert client.get("/ready").json()["ledger"] == "absent"

    def test_study_output_is_not_served_into_a_ledger(self, history, small_model, ledger):
        real = replace(history, origin=Origin("real", ("ssd",), ""))
        with pytest.raises(fs.FsRiskError, match="study output, which no ledger takes"):
            services.desk_of(real, small_model, ledger)


class TestNewerHistory:
    @pytest.fixture
    def saved(self, tmp_path, history):
        return history.save(tmp_path / "history")

    @pytest.fixture
    def watching(self, saved, small_model):
        return Desk(Holding(*read_and_stamp([str(saved)], None, pseudonyms=False)), small_model)

    def test_newer_history_is_taken_into_use(self, watching, saved, history):
        before = watching.holding.history
        watching.renew()
        assert watching.holding.history is before

        replace(history, extract_day=history.extract_day + 7).save(saved)
        watching.renew()

        assert watching.holding.history.extract_day == history.extract_day + 7

    def test_one_that_cannot_be_read_leaves_the_old_in_use(self, watching, saved, history):
        whole = (saved / "history.json").read_bytes()
        (saved / "history.json").write_bytes(b"{}")
        watching.renew()

        assert watching.history_state == "kept"
        assert watching.holding.history.extract_day == history.extract_day
        (saved / "history.json").write_bytes(whole)
        watching.renew()
        assert watching.history_state == "stale"

    def test_one_that_is_gone_leaves_the_old_in_use(self, watching, saved):
        (saved / "history.json").unlink()
        watching.renew()

        assert watching.history_state == "kept"

    def test_history_under_pseudonyms_is_refused_unless_clients_know_them(self, tmp_path, history):
        """Ids in clear would not be found, and every child's history would look empty."""
        hidden = replace(history, handling=replace(history.handling, pseudonym_mark="a1"))
        hidden.save(tmp_path / "hidden")
        with pytest.raises(fs.FsRiskError, match="under pseudonyms, and clients ask with ids"):
            Holding(*read_and_stamp([str(tmp_path / "hidden")], None, pseudonyms=False))

        assert Holding(*read_and_stamp([str(tmp_path / "hidden")], None, pseudonyms=True)).history


def test_model_is_named_with_its_plan_and_origin(client, small_model):
    """G4: what would have to be approved, and until when."""
    said = client.get("/model").json()

    assert said["version"] == small_model.version
    assert said["plan"] == small_model.facts.plan_hash
    assert said["origin"] == "SYNTHETIC"
    assert {"card", "approved_until"} <= set(said)


def test_every_answer_is_kept_from_caches_and_frames(client):
    for path in ("/health", "/nowhere"):
        headers = client.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers
