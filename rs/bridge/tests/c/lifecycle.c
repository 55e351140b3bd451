/* Init and deinit: out of order, repeated, with work in flight. */
#include "fixture.h"

#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* No runtime knows this epoch: everything says so, and a waiter comes to this fate. */
static void refused(uint64_t epoch, int fate) {
    H2rSlot *slot = NULL;
    uint8_t *body = NULL;
    CHECK_EQUAL(h2r_request(epoch, H2R_CALL, 1, 8, H2R_NO_TIMEOUT, &slot, &body), H2R_NOT_RUNNING);
    CHECK_EQUAL(h2r_request(epoch, H2R_CAST, 1, SIZE_MAX, 0, &slot, &body), H2R_NOT_RUNNING);
    CHECK(slot == NULL && body == NULL);
    uint64_t left_behind = 7;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_NOT_RUNNING);
    CHECK_EQUAL(left_behind, 7);
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_notice(epoch, waiter, 0, &slot), H2R_SHUTTING_DOWN);
    CHECK_EQUAL(waiter_fate(waiter), fate);
    CHECK(slot == NULL);
}

static void expect_not_running(uint64_t epoch) {
    refused(epoch, FREED);
}

static void before_init(void) {
    CHECK_EQUAL(h2r_stats(&(H2rStats){0}), H2R_OK);
    CHECK(h2r_exit_hook() != NULL);
    const uint64_t epochs[] = {0, 1, 2, UINT64_MAX};
    for (size_t i = 0; i < sizeof epochs / sizeof *epochs; i++) {
        /* Nobody has said yet how a StablePtr is freed. */
        refused(epochs[i], ALIVE);
    }
    H2rStats none = stats();
    CHECK_EQUAL(none.live_slots + none.stable_ptrs + none.calls_queued + none.calls, 0);
    CHECK_EQUAL(h2r_deinit(start(usual), NULL), H2R_OK);
}

/* Slots that were made before deinit, and never submitted: each is refused, and can be released. */
static void after_deinit(void) {
    uint64_t epoch = start(usual);
    H2rSlot *a_call = request_unit(epoch, H2R_CALL, "gate"), *a_cast = request(epoch, H2R_CAST, "gate", "", 0, 10);
    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    expect_not_running(epoch);
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_call(epoch, a_call, waiter, 0), H2R_NOT_RUNNING);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK_EQUAL(waiter_fate(cast(epoch, a_cast, H2R_NOT_RUNNING)), FREED);
    CHECK_EQUAL(h2r_cast(epoch, a_cast, NULL, 0), H2R_NOT_RUNNING);
    size_t len = 0;
    result(a_call, H2R_WAIT, &len);
    CHECK_EQUAL(h2r_accepted(a_cast), H2R_WAIT);
    CHECK_EQUAL(h2r_release(a_call), H2R_OK);
    CHECK_EQUAL(h2r_release(a_cast), H2R_OK);
    CHECK_EQUAL(stats().live_slots, 0);
    CHECK_EQUAL(waiters_alive(), 0);
}

static void stale_epoch(void) {
    uint64_t old = start(usual);
    H2rSlot *before = request_unit(old, H2R_CALL, "panic");
    CHECK_EQUAL(h2r_deinit(old, NULL), H2R_OK);
    uint64_t epoch = start(usual);
    CHECK(epoch != old);
    expect_not_running(old);
    expect_not_running(0);
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_call(old, before, waiter, 0), H2R_NOT_RUNNING);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    /* The slot itself is of no epoch until it is submitted. */
    waiter_await(call(epoch, before));
    CHECK_EQUAL(h2r_release(before), H2R_OK);
    finish(epoch);
}

static void init_twice(void) {
    uint64_t epoch = start(usual);
    uint8_t bytes[CONFIG_LEN];
    config(bytes, usual);
    for (int i = 0; i < 3; i++) {
        uint64_t second = 7;
        char error[100] = "";
        CHECK_EQUAL(h2r_init(bytes, sizeof bytes, &fake_rts, &second, error, sizeof error), H2R_ALREADY_RUNNING);
        CHECK_EQUAL(second, 7);
        CHECK(strstr(error, "already running") != NULL);
    }
    H2rSlot *slot = request_unit(epoch, H2R_CALL, "panic");
    waiter_await(call(epoch, slot));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

static void deinit_twice(void) {
    for (int round = 0; round < 3; round++) {
        uint64_t epoch = start(usual);
        finish(epoch);
        expect_not_running(epoch);
        expect_not_running(epoch);
    }
}

static void deinit_with_a_wrong_epoch(void) {
    uint64_t epoch = start(usual);
    const uint64_t others[] = {0, epoch - 1, epoch + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        uint64_t left_behind = 7;
        CHECK_EQUAL(h2r_deinit(others[i], &left_behind), H2R_NOT_RUNNING);
        CHECK_EQUAL(left_behind, 7);
    }
    H2rSlot *slot = request_unit(epoch, H2R_CALL, "panic");
    waiter_await(call(epoch, slot));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

/* One runs and does not end, some are in the queue, most in the line. */
static void deinit_answers_a_thousand_calls(void) {
    enum { COUNT = 1000 };
    static H2rSlot *slots[COUNT];
    static Waiter *waiters[COUNT];
    Settings settings = usual;
    settings.queue_capacity = 100;
    settings.shutdown_limit = 200000;
    uint64_t epoch = start(settings);
    slots[0] = call_into_gate(epoch, 1, &waiters[0]);
    for (int i = 1; i < COUNT; i++) {
        slots[i] = request(epoch, H2R_CALL, "gate", NULL, 0, i % 3 == 0 ? 60000000 : H2R_NO_TIMEOUT);
        waiters[i] = call(epoch, slots[i]);
    }
    CHECK_EQUAL(stats().calls_queued, 100);
    CHECK_EQUAL(stats().calls_waiting, COUNT - 101);
    CHECK_EQUAL(stats().stable_ptrs, COUNT);
    double began = now();
    uint64_t left_behind = 0;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    double took = now() - began;
    CHECK(took >= 0.2 && took < 0.2 + 1);
    CHECK_EQUAL(left_behind, 1);
    CHECK_EQUAL(stats().stable_ptrs, 0);
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQUAL(waiter_fate(waiters[i]), PUT);
        size_t len = 99;
        result(slots[i], H2R_SHUTTING_DOWN, &len);
        CHECK_EQUAL(len, 0);
        CHECK_EQUAL(h2r_release(slots[i]), H2R_OK);
    }
    /* The handler that was left behind holds its own. */
    CHECK_EQUAL(stats().live_slots, 1);
    fixture_gate(true);
    CHECK(fixture_await_passed(1));
    CHECK_EQUAL(waiters_alive(), 0);
}

/* And the next runtime works beside them, whose ends concern nobody. */
static void left_behind_is_counted(void) {
    Settings settings = usual;
    settings.workers = 3;
    settings.shutdown_limit = 0;
    uint64_t epoch = start(settings);
    H2rSlot *slots[3];
    Waiter *waiters[3];
    for (uint64_t i = 0; i < 3; i++) {
        slots[i] = call_into_gate(epoch, i + 1, &waiters[i]);
    }
    CHECK_EQUAL(h2r_release(slots[2]), H2R_OK);
    uint64_t left_behind = 0;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 3);
    CHECK_EQUAL(waiter_fate(waiters[0]), PUT);
    CHECK_EQUAL(waiter_fate(waiters[1]), PUT);
    CHECK_EQUAL(waiter_fate(waiters[2]), FREED);

    uint64_t next = start(usual);
    fixture_gate(true);
    CHECK(fixture_await_passed(3));
    size_t len = 0;
    for (int i = 0; i < 2; i++) {
        result(slots[i], H2R_SHUTTING_DOWN, &len);
        CHECK_EQUAL(h2r_release(slots[i]), H2R_OK);
    }
    H2rSlot *slot = request_unit(next, H2R_CALL, "gate");
    waiter_await(call(next, slot));
    result(slot, H2R_OK, &len);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(h2r_deinit(next, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 0);
    CHECK_EQUAL(waiters_alive(), 0);
}

/* A program that exits without deinit: what is in flight wakes nobody any more. */
static void exit_hook_closes_the_door(void) {
    uint64_t epoch = start(usual);
    Waiter *gate = NULL;
    H2rSlot *slot = call_into_gate(epoch, 1, &gate);
    uint64_t done = threads_done();
    h2r_exit_hook()(NULL);
    fixture_gate(true);
    CHECK(fixture_await_passed(1));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    CHECK_EQUAL(waiter_fate(gate), ALIVE);
    CHECK_EQUAL(threads_done(), done);
}

/* Each thread that has woken a caller tells GHC that it is done, by the end of deinit. */
static void threads_that_woke_say_that_they_are_done(void) {
    uint64_t epoch = start(usual);
    H2rSlot *slot = request_unit(epoch, H2R_CALL, "panic");
    waiter_await(call(epoch, slot));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(threads_done(), 0);
    finish(epoch);
    CHECK_EQUAL(threads_done(), 1);
}

const Scenario lifecycle[] = {
    {"before_init", before_init},
    {"after_deinit", after_deinit},
    {"stale_epoch", stale_epoch},
    {"init_twice", init_twice},
    {"deinit_twice", deinit_twice},
    {"deinit_with_a_wrong_epoch", deinit_with_a_wrong_epoch},
    {"deinit_answers_a_thousand_calls", deinit_answers_a_thousand_calls},
    {"left_behind_is_counted", left_behind_is_counted},
    {"exit_hook_closes_the_door", exit_hook_closes_the_door},
    {"threads_that_woke_say_that_they_are_done", threads_that_woke_say_that_they_are_done},
    {NULL, NULL},
};
