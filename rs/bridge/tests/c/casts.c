/* Casts: accepted, waiting for room, taken back, failed. */
#include "fixture.h"

/* The worker is at the gate, and `count` casts of `add 1` fill the queue. */
static void fill(uint64_t epoch, int count, H2rSlot **held, Waiter **gate) {
    *held = call_into_gate(epoch, 1, gate);
    uint8_t one[8];
    put_u64(one, 1);
    for (int i = 0; i < count; i++) {
        H2rSlot *slot = request(epoch, H2R_CAST, "add", one, 8, H2R_NO_TIMEOUT);
        /* One that finds room needs no waiter, and frees what it was given. */
        if (i % 2 == 0) {
            CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_OK);
        } else {
            CHECK_EQUAL(waiter_fate(cast(epoch, slot, H2R_OK)), FREED);
        }
        CHECK_EQUAL(h2r_accepted(slot), H2R_OK);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
    }
    CHECK_EQUAL(stats().casts_queued, (uint64_t)count);
}

static void full_without_waiter(void) {
    uint64_t epoch = start(usual);
    H2rSlot *held;
    Waiter *gate;
    fill(epoch, 4, &held, &gate);
    H2rSlot *slot = request_unit(epoch, H2R_CAST, "gate");
    uint64_t before = stats().casts;
    CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_FULL);
    CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_FULL);
    CHECK_EQUAL(stats().casts, before);
    CHECK_EQUAL(h2r_accepted(slot), H2R_WAIT);
    /* A flood of casts does not keep calls out. */
    H2rSlot *a_call = request_unit(epoch, H2R_CALL, "panic");
    Waiter *waiter = call(epoch, a_call);
    CHECK_EQUAL(stats().calls_waiting, 0);
    fixture_gate(true);
    waiter_await(gate);
    CHECK(fixture_await_sum(4));
    waiter_await(waiter);
    CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_OK);
    CHECK(fixture_await_passed(2));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(h2r_release(a_call), H2R_OK);
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    finish(epoch);
}

static void waits_for_room(void) {
    uint64_t epoch = start(usual);
    H2rSlot *held;
    Waiter *gate;
    fill(epoch, 4, &held, &gate);
    uint8_t ten[8];
    put_u64(ten, 10);
    H2rSlot *slot = request(epoch, H2R_CAST, "add", ten, 8, H2R_NO_TIMEOUT);
    Waiter *waiter = cast(epoch, slot, H2R_WAIT);
    CHECK_EQUAL(h2r_accepted(slot), H2R_WAIT);
    CHECK_EQUAL(stats().casts_waiting, 1);
    CHECK_EQUAL(waiter_fate(waiter), ALIVE);
    /* Nobody jumps the line. */
    H2rSlot *pushy = request_unit(epoch, H2R_CAST, "gate");
    CHECK_EQUAL(h2r_cast(epoch, pushy, NULL, 0), H2R_FULL);
    CHECK_EQUAL(waiter_fate(cast(epoch, slot, H2R_INVALID_ARGUMENT)), FREED);
    fixture_gate(true);
    waiter_await(waiter);
    CHECK_EQUAL(h2r_accepted(slot), H2R_OK);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK(fixture_await_sum(14));
    waiter_await(gate);
    CHECK_EQUAL(h2r_release(pushy), H2R_OK);
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    finish(epoch);
}

static void taken_back_while_waiting(void) {
    uint64_t epoch = start(usual);
    H2rSlot *held;
    Waiter *gate;
    fill(epoch, 4, &held, &gate);
    H2rSlot *slot = request_unit(epoch, H2R_CAST, "gate");
    Waiter *waiter = cast(epoch, slot, H2R_WAIT);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK_EQUAL(stats().casts_waiting, 0);
    fixture_gate(true);
    waiter_await(gate);
    CHECK(fixture_await_sum(4));
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    finish(epoch);
    /* Only the call has come to the gate. */
    fixture_gate(false);
    epoch = start(usual);
    held = call_into_gate(epoch, 2, &gate);
    fixture_gate(true);
    waiter_await(gate);
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    finish(epoch);
}

static void shutdown_answers_those_that_wait(void) {
    Settings settings = usual;
    settings.shutdown_limit = 0;
    uint64_t epoch = start(settings);
    H2rSlot *held;
    Waiter *gate;
    fill(epoch, 4, &held, &gate);
    H2rSlot *slot = request_unit(epoch, H2R_CAST, "gate");
    Waiter *waiter = cast(epoch, slot, H2R_WAIT);
    uint64_t left_behind = 0;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 1);
    CHECK_EQUAL(waiter_fate(waiter), PUT);
    CHECK_EQUAL(waiter_fate(gate), PUT);
    CHECK_EQUAL(h2r_accepted(slot), H2R_SHUTTING_DOWN);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    fixture_gate(true);
    CHECK(fixture_await_passed(1));
    CHECK_EQUAL(waiters_alive(), 0);
}

static void panic_slot(uint64_t epoch) {
    H2rSlot *slot = request_unit(epoch, H2R_CAST, "panic");
    CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_OK);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
}

/* The notice is a slot like any other. */
static void read_panic(H2rSlot *notice) {
    size_t len = 0;
    const uint8_t *place = field(result(notice, H2R_PANICKED, &len), "panic");
    field(place + 8 + get_u64(place), "the fixture gives up");
    CHECK_EQUAL(h2r_release(notice), H2R_OK);
}

static void notices(void) {
    uint64_t epoch = start(usual);
    H2rSlot *notice = NULL;
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_notice(epoch, waiter, 5, &notice), H2R_WAIT);
    /* A reader that waits is no caller that waits. */
    CHECK_EQUAL(stats().stable_ptrs, 0);
    panic_slot(epoch);
    waiter_await(waiter);
    CHECK_EQUAL(waiter_capability(waiter), 5);
    waiter = waiter_new();
    CHECK_EQUAL(h2r_notice(epoch, waiter, 5, &notice), H2R_OK);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    read_panic(notice);

    /* A cast that cannot be decoded is news too. */
    waiter = waiter_new();
    CHECK_EQUAL(h2r_notice(epoch, waiter, 0, &notice), H2R_WAIT);
    H2rSlot *slot = request(epoch, H2R_CAST, "add", "abc", 3, H2R_NO_TIMEOUT);
    CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_OK);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    waiter_await(waiter);
    waiter = waiter_new();
    CHECK_EQUAL(h2r_notice(epoch, waiter, 0, &notice), H2R_OK);
    size_t len = 0;
    result(notice, H2R_UNDECODABLE, &len);
    CHECK_EQUAL(h2r_release(notice), H2R_OK);
    CHECK_EQUAL(stats().live_slots, 0);

    /* A second reader takes the first one's place; shutdown wakes whoever waits. */
    Waiter *first = waiter_new(), *second = waiter_new();
    CHECK_EQUAL(h2r_notice(epoch, first, 0, &notice), H2R_WAIT);
    CHECK_EQUAL(h2r_notice(epoch, second, 0, &notice), H2R_WAIT);
    CHECK_EQUAL(waiter_fate(first), FREED);
    finish(epoch);
    CHECK_EQUAL(waiter_fate(second), PUT);
    waiter = waiter_new();
    CHECK_EQUAL(h2r_notice(epoch, waiter, 0, &notice), H2R_SHUTTING_DOWN);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
}

/* What nobody has read at the end of shutdown can be read until the next init, which lets it go. Many rounds: the
   news is on its way from the worker while shutdown begins. */
static void notices_outlive_shutdown(void) {
    for (int round = 0; round < 300; round++) {
        uint64_t epoch = start(usual);
        CHECK_EQUAL(stats().live_slots, 0);
        panic_slot(epoch);
        panic_slot(epoch);
        CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
        CHECK_EQUAL(stats().live_slots, 2);
        H2rSlot *notice = NULL;
        Waiter *waiter = waiter_new();
        CHECK_EQUAL(h2r_notice(epoch, waiter, 0, &notice), H2R_OK);
        CHECK_EQUAL(waiter_fate(waiter), FREED);
        read_panic(notice);
    }
    H2rSlot *notice = NULL;
    uint64_t epoch = start(usual);
    CHECK_EQUAL(h2r_notice(epoch - 1, waiter_new(), 0, &notice), H2R_SHUTTING_DOWN);
    finish(epoch);
}

/* Nobody reads: what finds the inbox full is dropped and counted, and the worker goes on. */
static void unread_notices_are_bounded(void) {
    uint64_t epoch = start(usual);
    uint64_t before = stats().notices_dropped;
    enum { COUNT = 40 };
    for (int i = 0; i < COUNT; i++) {
        H2rSlot *slot = request_unit(epoch, H2R_CAST, "panic");
        Waiter *waiter = waiter_new();
        H2rStatus status = h2r_cast(epoch, slot, waiter, 0);
        CHECK(status == H2R_OK || status == H2R_WAIT);
        if (status == H2R_WAIT) {
            waiter_await(waiter);
        }
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
    }
    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    uint64_t kept = stats().live_slots;
    CHECK(kept <= 4);
    CHECK_EQUAL(stats().notices_dropped - before, COUNT - kept);
    for (uint64_t i = 0; i < kept; i++) {
        H2rSlot *notice = NULL;
        CHECK_EQUAL(h2r_notice(epoch, waiter_new(), 0, &notice), H2R_OK);
        read_panic(notice);
    }
    CHECK_EQUAL(stats().live_slots, 0);
    CHECK_EQUAL(waiters_alive(), 0);
}

const Scenario casts[] = {
    {"full_without_waiter", full_without_waiter},
    {"waits_for_room", waits_for_room},
    {"taken_back_while_waiting", taken_back_while_waiting},
    {"shutdown_answers_those_that_wait", shutdown_answers_those_that_wait},
    {"notices", notices},
    {"notices_outlive_shutdown", notices_outlive_shutdown},
    {"unread_notices_are_bounded", unread_notices_are_bounded},
    {NULL, NULL},
};
