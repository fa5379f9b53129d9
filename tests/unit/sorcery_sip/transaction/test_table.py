import pytest

from sorcery_sip.address import Address
from sorcery_sip.message.messages import Request
from sorcery_sip.message.uri import SipUri
from sorcery_sip.transaction.client import ClientTransaction
from sorcery_sip.transaction.key import BranchKey, ClientKey
from sorcery_sip.transaction.machine import Action, Input, State
from sorcery_sip.transaction.server import ServerTransaction
from sorcery_sip.transaction.table import TransactionTable
from sorcery_sip.transaction.timers import DEFAULT_TIMERS

PEER = Address("192.0.2.1", 5060)
KEY = BranchKey("z9hG4bK1", "h", None, "OPTIONS")


@pytest.fixture
def table() -> TransactionTable:
    return TransactionTable(DEFAULT_TIMERS)


def server(table: TransactionTable) -> ServerTransaction:
    transaction = ServerTransaction(KEY, PEER)
    table.add(transaction)
    return transaction


def client(table: TransactionTable, now: float = 0.0) -> ClientTransaction:
    transaction = ClientTransaction(ClientKey("z9hG4bK1", "OPTIONS"), Request("OPTIONS", SipUri("h")), PEER)
    table.add(transaction)
    table.feed(transaction, Input.START, now, (b"request", PEER))
    return transaction


def sent(table: TransactionTable) -> list[bytes]:
    data = [data for data, destination in table.outgoing if destination == PEER]
    table.outgoing = []
    return data


def run(table: TransactionTable, until: float) -> list[tuple[float, bytes]]:
    """Fire every deadline up to `until`; return when what was sent."""
    log = []
    while (deadline := table.next_deadline()) is not None and deadline <= until:
        for transaction, timer in table.due(deadline):
            table.feed(transaction, timer, deadline)
        log += [(deadline, data) for data in sent(table)]
    return log


def test_a_server_answers_repeats_with_the_last_response(table: TransactionTable) -> None:
    transaction = server(table)
    table.feed(transaction, Input.REQUEST, 0.0)
    assert sent(table) == []
    table.feed(transaction, Input.PROVISIONAL, 0.1, (b"100", PEER))
    table.feed(transaction, Input.REQUEST, 0.2)
    table.feed(transaction, Input.FINAL, 0.3, (b"200", PEER))
    table.feed(transaction, Input.REQUEST, 0.4)
    assert sent(table) == [b"100", b"100", b"200", b"200"]


def test_a_second_final_response_changes_nothing(table: TransactionTable) -> None:
    transaction = server(table)
    table.feed(transaction, Input.FINAL, 0.0, (b"200", PEER))
    assert table.feed(transaction, Input.FINAL, 0.1, (b"500", PEER)) == ()
    table.feed(transaction, Input.REQUEST, 0.2)
    assert sent(table) == [b"200", b"200"]


def test_a_server_is_forgotten_when_timer_j_ends(table: TransactionTable) -> None:
    transaction = server(table)
    assert table.next_deadline() is None
    table.feed(transaction, Input.FINAL, 1.0, (b"200", PEER))
    run(table, 32.9)
    assert len(table) == 1
    run(table, 33.0)
    assert (len(table), transaction.state, table.next_deadline()) == (0, State.TERMINATED, None)


def test_an_unanswered_request_is_repeated_until_timer_f(table: TransactionTable) -> None:
    transaction = client(table)
    assert sent(table) == [b"request"]
    assert [when for when, _ in run(table, 40)] == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert (len(table), transaction.state) == (0, State.TERMINATED)


def test_after_a_provisional_response_the_wait_is_t2(table: TransactionTable) -> None:
    transaction = client(table)
    sent(table)
    assert table.feed(transaction, Input.PROVISIONAL, 0.1) == (Action.DELIVER,)
    assert [when for when, _ in run(table, 13)] == [0.5, 4.5, 8.5, 12.5]


def test_a_final_response_ends_retransmission_and_its_repeats_are_absorbed(table: TransactionTable) -> None:
    transaction = client(table)
    sent(table)
    assert Action.DELIVER in table.feed(transaction, Input.FINAL, 0.2)
    assert table.feed(transaction, Input.FINAL, 0.3) == ()
    assert run(table, 5.1) == []
    assert len(table) == 1
    run(table, 5.2)
    assert len(table) == 0


def test_timer_f_is_reported_once(table: TransactionTable) -> None:
    transaction = client(table)
    assert table.feed(transaction, Input.TIMER_F, 32.0) == (Action.REPORT_TIMEOUT,)
    assert table.feed(transaction, Input.TIMER_F, 32.0) == ()


@pytest.mark.parametrize("answered", [False, True])
def test_a_transport_error_ends_a_client(table: TransactionTable, answered: bool) -> None:
    transaction = client(table)
    if answered:
        table.feed(transaction, Input.PROVISIONAL, 0.1)
    assert table.feed(transaction, Input.TRANSPORT_ERROR, 0.2) == (Action.REPORT_FAILURE,)
    assert len(table) == 0


def test_a_transport_error_ends_a_server_that_has_answered(table: TransactionTable) -> None:
    transaction = server(table)
    assert table.feed(transaction, Input.TRANSPORT_ERROR, 0.1) == ()
    table.feed(transaction, Input.FINAL, 0.2, (b"200", PEER))
    assert table.towards(PEER) == [transaction]
    assert table.feed(transaction, Input.TRANSPORT_ERROR, 0.3) == (Action.REPORT_FAILURE,)
    assert table.towards(PEER) == []


def test_a_key_can_be_taken_once(table: TransactionTable) -> None:
    server(table)
    client(table)
    with pytest.raises(ValueError, match="in the table already"):
        server(table)
    with pytest.raises(ValueError, match="every request needs a new one"):
        client(table)


def test_removing_again_does_not_touch_a_successor(table: TransactionTable) -> None:
    first = server(table)
    table.remove(first)
    second = server(table)
    table.remove(first)
    assert list(table.servers.values()) == [second]
    asked = client(table)
    table.remove(asked)
    again = client(table)
    table.remove(asked)
    assert list(table.clients.values()) == [again]


def test_deadlines_come_in_order_of_time(table: TransactionTable) -> None:
    client(table, now=5.0)
    transaction = server(table)
    table.feed(transaction, Input.FINAL, 1.0, (b"200", PEER))
    assert [timer for _, timer in table.due(100)] == [Input.TIMER_E, Input.TIMER_J, Input.TIMER_F]
