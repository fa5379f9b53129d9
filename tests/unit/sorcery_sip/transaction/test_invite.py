"""INVITE transactions in time: what is sent when, and when they end."""

import gc
import weakref

import pytest

from sorcery_sip.address import Address
from sorcery_sip.message.messages import Request
from sorcery_sip.message.uri import SipUri
from sorcery_sip.transaction.client import ClientTransaction
from sorcery_sip.transaction.invite_client import INVITE_CLIENT
from sorcery_sip.transaction.invite_server import INVITE_SERVER
from sorcery_sip.transaction.key import BranchKey, ClientKey
from sorcery_sip.transaction.machine import Action, Input, State
from sorcery_sip.transaction.server import ServerTransaction
from sorcery_sip.transaction.table import TransactionTable
from sorcery_sip.transaction.timers import DEFAULT_TIMERS

PEER = Address("192.0.2.1", 5060)


@pytest.fixture
def table() -> TransactionTable:
    return TransactionTable(DEFAULT_TIMERS)


def client(table: TransactionTable, branch: str = "z9hG4bK1") -> ClientTransaction:
    request = Request("INVITE", SipUri("h"))
    transaction = ClientTransaction(ClientKey(branch, "INVITE"), request, PEER, INVITE_CLIENT)
    table.add(transaction)
    table.feed(transaction, Input.START, 0.0, (b"INVITE", PEER))
    return transaction


def server(table: TransactionTable, branch: str = "z9hG4bK1") -> ServerTransaction:
    transaction = ServerTransaction(BranchKey(branch, "h", None, "INVITE"), PEER, INVITE_SERVER)
    table.add(transaction)
    return transaction


def sent(table: TransactionTable) -> list[bytes]:
    data = [data for data, _ in table.outgoing]
    table.outgoing = []
    return data


def run(table: TransactionTable, until: float) -> list[float]:
    """Fire every deadline up to `until`; return when something was sent."""
    times = []
    while (deadline := table.next_deadline()) is not None and deadline <= until:
        for transaction, timer in table.due(deadline):
            table.feed(transaction, timer, deadline)
        times += [round(deadline, 3) for _ in sent(table)]
    return times


class TestClient:
    def test_an_unanswered_invite_is_repeated_ever_more_slowly_until_timer_b(self, table: TransactionTable) -> None:
        transaction = client(table)
        assert sent(table) == [b"INVITE"]
        assert run(table, 31.9) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
        assert table.feed(transaction, Input.TIMER_B, 32.0) == (Action.REPORT_TIMEOUT,)
        assert (len(table), table.next_deadline()) == (0, None)

    def test_a_provisional_response_ends_repeats_and_the_wait(self, table: TransactionTable) -> None:
        transaction = client(table)
        sent(table)
        assert Action.DELIVER in table.feed(transaction, Input.PROVISIONAL, 0.1)
        assert run(table, 1000) == []
        assert (transaction.state, transaction.wire) == (State.PROCEEDING, b"")

    def test_each_repeat_of_a_failure_is_acknowledged_until_timer_d(self, table: TransactionTable) -> None:
        transaction = client(table)
        sent(table)
        assert Action.DELIVER in table.feed(transaction, Input.FAILURE, 0.1, (b"ACK", PEER))
        assert Action.DELIVER not in table.feed(transaction, Input.FAILURE, 0.6, (b"another", PEER))
        assert sent(table) == [b"ACK", b"ACK"]
        run(table, 32.0)
        assert len(table) == 1
        run(table, 32.1)
        assert len(table) == 0

    def test_each_2xx_is_delivered_until_timer_m_and_none_is_acknowledged(self, table: TransactionTable) -> None:
        transaction = client(table)
        sent(table)
        for now in (0.1, 0.6, 31.0):
            assert Action.DELIVER in table.feed(transaction, Input.SUCCESS, now)
        for late in (Input.PROVISIONAL, Input.FAILURE):
            assert table.feed(transaction, late, 31.5, (b"ACK", PEER)) == ()
        assert (run(table, 32.0), len(table)) == ([], 1)
        assert (run(table, 32.1), len(table)) == ([], 0)

    def test_a_cancel_without_effect_ends_it_after_64_t1(self, table: TransactionTable) -> None:
        transaction = client(table)
        table.feed(transaction, Input.PROVISIONAL, 0.1)
        table.feed(transaction, Input.CANCELLED, 10.0)
        run(table, 41.9)
        assert len(table) == 1
        run(table, 42.0)
        assert len(table) == 0

    @pytest.mark.parametrize("final", [Input.SUCCESS, Input.FAILURE])
    def test_a_transport_error_after_the_final_response_is_no_news(self, table: TransactionTable, final: Input) -> None:
        transaction = client(table)
        table.feed(transaction, final, 0.1, (b"ACK", PEER))
        assert table.feed(transaction, Input.TRANSPORT_ERROR, 0.2) == ()
        assert len(table) == 1

    def test_a_transport_error_before_any_response_ends_it(self, table: TransactionTable) -> None:
        assert table.feed(client(table), Input.TRANSPORT_ERROR, 0.1) == (Action.REPORT_FAILURE,)
        assert len(table) == 0


class TestServer:
    def test_the_last_provisional_response_is_repeated_each_minute_and_to_repeats(
        self, table: TransactionTable
    ) -> None:
        transaction = server(table)
        table.feed(transaction, Input.REQUEST, 0.0)
        assert sent(table) == []
        table.feed(transaction, Input.PROVISIONAL, 0.1, (b"100", PEER))
        table.feed(transaction, Input.PROVISIONAL, 0.2, (b"180", PEER))
        table.feed(transaction, Input.REQUEST, 0.5)
        assert sent(table) == [b"100", b"180", b"180"]
        assert run(table, 185) == [60.1, 120.1, 180.1]
        table.feed(transaction, Input.FAILURE, 190.0, (b"486", PEER))
        table.feed(transaction, Input.ACK, 190.1)
        sent(table)
        assert (run(table, 1000), len(table)) == ([], 0)

    def test_a_failure_is_repeated_until_the_ack_and_then_forgotten_after_t4(self, table: TransactionTable) -> None:
        transaction = server(table)
        table.feed(transaction, Input.FAILURE, 0.0, (b"486", PEER))
        assert sent(table) == [b"486"]
        assert run(table, 8) == [0.5, 1.5, 3.5, 7.5]
        table.feed(transaction, Input.REQUEST, 9.0)
        assert sent(table) == [b"486"]
        table.feed(transaction, Input.ACK, 10.0)
        assert table.feed(transaction, Input.ACK, 10.5) == ()
        assert transaction.wire == b""
        table.feed(transaction, Input.REQUEST, 11.0)
        assert (run(table, 14.9), len(table)) == ([], 1)
        assert (run(table, 15.0), len(table)) == ([], 0)

    def test_without_ack_a_failure_is_given_up_at_timer_h(self, table: TransactionTable) -> None:
        table.feed(server(table), Input.FAILURE, 0.0, (b"486", PEER))
        sent(table)
        assert run(table, 100) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        assert len(table) == 0

    def test_an_accepted_invite_is_not_answered_again_and_is_forgotten_at_timer_l(
        self, table: TransactionTable
    ) -> None:
        transaction = server(table)
        table.feed(transaction, Input.PROVISIONAL, 0.0, (b"180", PEER))
        table.feed(transaction, Input.SUCCESS, 1.0, (b"200", PEER))
        table.feed(transaction, Input.REQUEST, 2.0)
        table.feed(transaction, Input.FAILURE, 2.5, (b"500", PEER))
        table.feed(transaction, Input.SUCCESS, 3.0, (b"200 again", PEER))
        assert sent(table) == [b"180", b"200", b"200 again"]
        assert table.feed(transaction, Input.ACK, 4.0) == (Action.DELIVER,)
        assert (run(table, 32.9), len(table)) == ([], 1)
        assert (run(table, 33.0), len(table)) == ([], 0)

    def test_a_transport_error_is_told_and_changes_nothing(self, table: TransactionTable) -> None:
        transaction = server(table)
        for state, answer in [
            (State.PROCEEDING, Input.PROVISIONAL),
            (State.ACCEPTED, Input.SUCCESS),
        ]:
            table.feed(transaction, answer, 0.0, (b"answer", PEER))
            assert table.feed(transaction, Input.TRANSPORT_ERROR, 0.1) == (Action.REPORT_FAILURE,)
            assert transaction.state is state
        failed = server(table, "z9hG4bK2")
        table.feed(failed, Input.FAILURE, 0.0, (b"486", PEER))
        assert table.feed(failed, Input.TRANSPORT_ERROR, 0.1) == (Action.REPORT_FAILURE,)
        assert failed.state is State.COMPLETED


class TestMemory:
    def test_a_transaction_that_has_ended_is_freed_before_its_timers_fire(self, table: TransactionTable) -> None:
        transaction = client(table)
        table.feed(transaction, Input.TRANSPORT_ERROR, 0.1)
        trace = weakref.ref(transaction)
        del transaction
        gc.collect()
        assert trace() is None
        assert [timer for _, timer in table.due(100)] == []

    def test_deadlines_of_transactions_that_have_ended_do_not_pile_up(self, table: TransactionTable) -> None:
        for number in range(5000):
            transaction = client(table, f"z9hG4bK{number}")
            table.feed(transaction, Input.FAILURE, 0.0, (b"ACK", PEER))
            if number >= 100:
                table.remove(transaction)
        assert len(table._deadlines) < 3000
        run(table, 31.9)
        assert len(table) == 100
        run(table, 32.0)
        assert (len(table), len(table._deadlines), table._dead) == (0, 0, 0)
