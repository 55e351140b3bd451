/* Every way in which a call can end. */
#include "fixture.h"

static void echo(void) {
    uint64_t epoch = start(usual);
    for (size_t len = 0; len <= 4088; len = 3 * len + 1) {
        uint8_t bytes[4096];
        put_u64(bytes, len);
        for (size_t at = 0; at < len; at++) {
            bytes[8 + at] = (uint8_t)(at * 7 + len);
        }
        H2rSlot *slot = request(epoch, H2R_CALL, "echo", bytes, 8 + len, H2R_NO_TIMEOUT);
        Waiter *waiter = call(epoch, slot);
        waiter_await(waiter);
        CHECK_EQUAL(waiter_capability(waiter), 3);
        size_t answer_len = 0;
        const uint8_t *answer = result(slot, H2R_OK, &answer_len);
        CHECK_EQUAL(answer_len, 8 + len);
        CHECK(memcmp(answer, bytes, answer_len) == 0);
        /* Settled is settled: the bytes stay where they are. */
        CHECK(result(slot, H2R_OK, &answer_len) == answer);
        CHECK_EQUAL(h2r_accepted(slot), H2R_OK);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
        /* Whoever woke the caller had let go before. */
        CHECK_EQUAL(stats().live_slots, 0);
    }
    finish(epoch);
}

/* Calls, and gives the payload of the failure. */
static H2rSlot *fail(uint64_t epoch, const char *name, const void *body, size_t len, H2rStatus expected,
                     const uint8_t **payload, size_t *payload_len) {
    H2rSlot *slot = request(epoch, H2R_CALL, name, body, len, H2R_NO_TIMEOUT);
    waiter_await(call(epoch, slot));
    *payload = result(slot, expected, payload_len);
    return slot;
}

static void panic_has_message_and_place(void) {
    uint64_t epoch = start(usual);
    uint64_t before = stats().panics;
    const uint8_t *payload = NULL;
    size_t len = 0;
    H2rSlot *slot = fail(epoch, "panic", NULL, 0, H2R_PANICKED, &payload, &len);
    const uint8_t *place = field(payload, "panic");
    char text[200] = "";
    CHECK(get_u64(place) < sizeof text);
    memcpy(text, place + 8, get_u64(place));
    CHECK(strstr(text, "lib.rs:") != NULL);
    CHECK(field(place + 8 + get_u64(place), "the fixture gives up") == payload + len);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(stats().panics, before + 1);
    finish(epoch);
}

static void unknown_method(void) {
    uint64_t epoch = start(usual);
    const struct {
        uint32_t kind;
        const char *name;
    } unknown[] = {{H2R_CALL, "nobody"}, {H2R_CAST, "nobody"}, /* The name of a cast is not that of a call. */ {H2R_CALL, "add"}};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        H2rSlot *slot = request_unit(epoch, unknown[i].kind, unknown[i].name);
        Waiter *waiter = waiter_new();
        H2rStatus status = unknown[i].kind == H2R_CALL ? h2r_call(epoch, slot, waiter, 0) : h2r_cast(epoch, slot, waiter, 0);
        CHECK_EQUAL(status, H2R_UNKNOWN_METHOD);
        CHECK_EQUAL(waiter_fate(waiter), FREED);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
    }
    finish(epoch);
}

static void undecodable_request(void) {
    uint64_t epoch = start(usual);
    const uint8_t bytes[9] = {1, 2, 3};
    const size_t lens[] = {0, 7, 9};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        const uint8_t *payload = NULL;
        size_t len = 0;
        H2rSlot *slot = fail(epoch, "increment", bytes, lens[i], H2R_UNDECODABLE, &payload, &len);
        const uint8_t *reason = field(payload, "increment");
        CHECK(get_u64(reason) > 0);
        CHECK(reason + 8 + get_u64(reason) == payload + len);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
    }
    finish(epoch);
}

static void answer_over_the_limit(void) {
    uint64_t epoch = start(usual);
    uint8_t bytes[8];
    const uint8_t *payload = NULL;
    size_t len = 0;
    put_u64(bytes, 4089);
    H2rSlot *slot = fail(epoch, "zeros", bytes, 8, H2R_ANSWER_TOO_LARGE, &payload, &len);
    const uint8_t *numbers = field(payload, "zeros");
    CHECK(numbers + 16 == payload + len);
    CHECK_EQUAL(get_u64(numbers), 4097);
    CHECK_EQUAL(get_u64(numbers + 8), 4096);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    put_u64(bytes, 4088);
    slot = fail(epoch, "zeros", bytes, 8, H2R_OK, &payload, &len);
    CHECK_EQUAL(len, 4096);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

static void dropped_token(void) {
    uint64_t epoch = start(usual);
    const uint8_t *payload = NULL;
    size_t len = 0;
    H2rSlot *slot = fail(epoch, "abandon", NULL, 0, H2R_ABANDONED, &payload, &len);
    CHECK(field(payload, "abandon") == payload + len);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

static void late_answer_is_harmless(void) {
    uint64_t epoch = start(usual);
    uint64_t before = stats().timeouts;
    H2rSlot *slot = request(epoch, H2R_CALL, "gate", NULL, 0, 30000);
    Waiter *waiter = call(epoch, slot);
    CHECK(fixture_await_arrived(1));
    waiter_await(waiter);
    size_t len = 99;
    result(slot, H2R_TIMED_OUT, &len);
    CHECK_EQUAL(len, 0);
    fixture_gate(true);
    CHECK(fixture_await_passed(1));
    /* The one worker has got through with the late answer once it serves the next call. */
    H2rSlot *next = request_unit(epoch, H2R_CALL, "gate");
    waiter_await(call(epoch, next));
    result(slot, H2R_TIMED_OUT, &len);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(h2r_release(next), H2R_OK);
    finish(epoch);
    /* Not earlier: it is counted after the caller was woken. */
    CHECK_EQUAL(stats().timeouts, before + 1);
}

/* Zero has passed before the call is submitted; the largest but one is beyond what a clock can say. */
static void extreme_timeouts(void) {
    uint64_t epoch = start(usual);
    Waiter *gate = NULL;
    H2rSlot *held = call_into_gate(epoch, 1, &gate);
    H2rSlot *at_once = request(epoch, H2R_CALL, "gate", NULL, 0, 0);
    waiter_await(call(epoch, at_once));
    size_t len = 0;
    result(at_once, H2R_TIMED_OUT, &len);
    H2rSlot *never = request(epoch, H2R_CALL, "gate", NULL, 0, UINT64_MAX - 1);
    Waiter *waiter = call(epoch, never);
    fixture_gate(true);
    waiter_await(waiter);
    result(never, H2R_OK, &len);
    waiter_await(gate);
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    CHECK_EQUAL(h2r_release(at_once), H2R_OK);
    CHECK_EQUAL(h2r_release(never), H2R_OK);
    finish(epoch);
}

static void submitted_twice(void) {
    uint64_t epoch = start(usual);
    Waiter *gate = NULL;
    H2rSlot *running = call_into_gate(epoch, 1, &gate);
    H2rSlot *queued = request_unit(epoch, H2R_CALL, "gate");
    Waiter *first = call(epoch, queued);
    H2rSlot *const slots[] = {running, queued};
    for (int state = 0; state < 2; state++) {
        Waiter *second = waiter_new();
        CHECK_EQUAL(h2r_call(epoch, slots[state], second, 0), H2R_INVALID_ARGUMENT);
        CHECK_EQUAL(waiter_fate(second), FREED);
    }
    fixture_gate(true);
    waiter_await(gate);
    waiter_await(first);
    for (int state = 0; state < 2; state++) {
        Waiter *second = waiter_new();
        CHECK_EQUAL(h2r_call(epoch, slots[state], second, 0), H2R_INVALID_ARGUMENT);
        CHECK_EQUAL(waiter_fate(second), FREED);
        size_t len = 0;
        result(slots[state], H2R_OK, &len);
        CHECK_EQUAL(h2r_release(slots[state]), H2R_OK);
    }
    finish(epoch);
}

/* Nor does a slot of a submission that was refused come to harm: it can go where it belongs. */
static void wrong_kind_of_slot(void) {
    uint64_t epoch = start(usual);
    uint8_t five[8];
    put_u64(five, 5);
    H2rSlot *a_call = request(epoch, H2R_CALL, "increment", five, 8, H2R_NO_TIMEOUT);
    H2rSlot *a_cast = request(epoch, H2R_CAST, "add", five, 8, H2R_NO_TIMEOUT);
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_call(epoch, a_cast, waiter, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK_EQUAL(waiter_fate(cast(epoch, a_call, H2R_INVALID_ARGUMENT)), FREED);
    CHECK_EQUAL(h2r_cast(epoch, a_call, NULL, 0), H2R_INVALID_ARGUMENT);
    size_t len = 0;
    result(a_call, H2R_WAIT, &len);

    waiter_await(call(epoch, a_call));
    CHECK_EQUAL(get_u64(result(a_call, H2R_OK, &len)), 6);
    CHECK_EQUAL(h2r_cast(epoch, a_cast, NULL, 0), H2R_OK);
    CHECK(fixture_await_sum(5));
    CHECK_EQUAL(h2r_release(a_call), H2R_OK);
    CHECK_EQUAL(h2r_release(a_cast), H2R_OK);
    finish(epoch);
}

static void released_before_submission(void) {
    uint64_t epoch = start(usual);
    CHECK_EQUAL(h2r_release(request_unit(epoch, H2R_CALL, "gate")), H2R_OK);
    CHECK_EQUAL(h2r_release(request_unit(epoch, H2R_CAST, "gate")), H2R_OK);
    CHECK_EQUAL(h2r_release(request(epoch, H2R_CALL, "gate", "abc", 3, 1000)), H2R_OK);
    CHECK_EQUAL(stats().live_slots, 0);
    CHECK_EQUAL(stats().calls_queued, 0);
    finish(epoch);
}

/* In the queue and in the line before it: the waiter is freed at once, and the handler never runs. */
static void released_while_queued(void) {
    uint64_t epoch = start(usual);
    Waiter *gate = NULL;
    H2rSlot *held = call_into_gate(epoch, 1, &gate);
    enum { COUNT = 6 };
    H2rSlot *slots[COUNT];
    Waiter *waiters[COUNT];
    for (int i = 0; i < COUNT; i++) {
        slots[i] = request(epoch, H2R_CALL, "gate", NULL, 0, i % 2 == 0 ? H2R_NO_TIMEOUT : 60000000);
        waiters[i] = call(epoch, slots[i]);
    }
    CHECK_EQUAL(stats().calls_queued, 4);
    CHECK_EQUAL(stats().calls_waiting, 2);
    uint64_t before = stats().cancellations;
    for (int i = COUNT - 1; i >= 0; i--) {
        CHECK_EQUAL(h2r_release(slots[i]), H2R_OK);
        CHECK_EQUAL(waiter_fate(waiters[i]), FREED);
    }
    CHECK_EQUAL(stats().cancellations, before + COUNT);
    CHECK_EQUAL(stats().calls_waiting, 0);
    /* Those of the line are gone already. */
    CHECK_EQUAL(stats().live_slots, 1 + 4);
    fixture_gate(true);
    waiter_await(gate);
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    H2rSlot *last = request_unit(epoch, H2R_CALL, "gate");
    waiter_await(call(epoch, last));
    CHECK_EQUAL(h2r_release(last), H2R_OK);
    /* The first and the last, and none between. */
    fixture_gate(false);
    H2rSlot *third = call_into_gate(epoch, 3, &gate);
    CHECK_EQUAL(stats().live_slots, 1);
    fixture_gate(true);
    waiter_await(gate);
    CHECK_EQUAL(h2r_release(third), H2R_OK);
    finish(epoch);
}

static void released_while_running(void) {
    uint64_t epoch = start(usual);
    Waiter *gate = NULL;
    H2rSlot *held = call_into_gate(epoch, 1, &gate);
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    CHECK_EQUAL(waiter_fate(gate), FREED);
    CHECK_EQUAL(stats().live_slots, 1);
    fixture_gate(true);
    CHECK(fixture_await_passed(1));
    finish(epoch);
}

static void released_after_the_end(void) {
    uint64_t epoch = start(usual);
    uint64_t before = stats().cancellations;
    H2rSlot *slot = request_unit(epoch, H2R_CALL, "panic");
    waiter_await(call(epoch, slot));
    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    /* The outcome is readable for as long as the caller holds the slot. */
    size_t len = 0;
    field(result(slot, H2R_PANICKED, &len), "panic");
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(stats().cancellations, before);
    CHECK_EQUAL(stats().live_slots, 0);
    CHECK_EQUAL(waiters_alive(), 0);
}

const Scenario calls[] = {
    {"echo", echo},
    {"panic_has_message_and_place", panic_has_message_and_place},
    {"unknown_method", unknown_method},
    {"undecodable_request", undecodable_request},
    {"answer_over_the_limit", answer_over_the_limit},
    {"dropped_token", dropped_token},
    {"late_answer_is_harmless", late_answer_is_harmless},
    {"extreme_timeouts", extreme_timeouts},
    {"submitted_twice", submitted_twice},
    {"wrong_kind_of_slot", wrong_kind_of_slot},
    {"released_before_submission", released_before_submission},
    {"released_while_queued", released_while_queued},
    {"released_while_running", released_while_running},
    {"released_after_the_end", released_after_the_end},
    {NULL, NULL},
};
