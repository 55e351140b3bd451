/* Small messages: from the caller's memory, and back to it. */
#include "fixture.h"

static const size_t impossible[] = {(size_t)1 << 63, SIZE_MAX};
enum { IMPOSSIBLE = sizeof impossible / sizeof *impossible };

/* Submits a call that is accepted. */
static H2rSlot *submit(uint64_t epoch, const char *name, const void *request, size_t len, uint64_t timeout,
                       Waiter **waiter) {
    H2rReply reply = {NULL, 99};
    *waiter = waiter_new();
    CHECK_EQUAL(h2r_submit(epoch, method(name), request, len, timeout, *waiter, 5, &reply), H2R_OK);
    CHECK(reply.slot != NULL);
    CHECK_EQUAL(reply.len, 0);
    return reply.slot;
}

/* The same for a request that is a number. */
static H2rSlot *submit_number(uint64_t epoch, const char *name, uint64_t number, Waiter **waiter) {
    uint8_t bytes[8];
    put_u64(bytes, number);
    return submit(epoch, name, bytes, 8, H2R_NO_TIMEOUT, waiter);
}

/* Submits a call that is refused. */
static void refused(uint64_t epoch, const char *name, const void *request, size_t len, H2rStatus expected) {
    H2rReply reply = {NULL, 99};
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_submit(epoch, method(name), request, len, H2R_NO_TIMEOUT, waiter, 0, &reply), expected);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK(reply.slot == NULL);
}

/* Takes an answer that does not come to the buffer: the slot is still the caller's. */
static H2rSlot *take_slot(H2rSlot *slot, size_t capacity, H2rStatus expected) {
    static uint8_t buffer[8192];
    memset(buffer, 0xa5, sizeof buffer);
    H2rReply reply = {NULL, 99};
    CHECK_EQUAL(h2r_take(slot, buffer, capacity, &reply), expected);
    CHECK(reply.slot == slot);
    CHECK_EQUAL(reply.len, 0);
    for (size_t at = 0; at < sizeof buffer; at++) {
        CHECK_EQUAL(buffer[at], 0xa5);
    }
    return slot;
}

static void small_arguments(void) {
    uint64_t epoch = start(usual);
    uint8_t bytes[8] = {0};
    H2rReply reply = {NULL, 0};
    CHECK_EQUAL(h2r_submit(epoch, method("increment"), bytes, 8, H2R_NO_TIMEOUT, NULL, 0, &reply), H2R_INVALID_ARGUMENT);
    refused(epoch, "increment", NULL, 8, H2R_INVALID_ARGUMENT);
    refused(epoch, "increment", NULL, 0, H2R_INVALID_ARGUMENT);
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_submit(epoch, method("increment"), bytes, 8, H2R_NO_TIMEOUT, waiter, 0, NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK_EQUAL(h2r_send(epoch, method("add"), NULL, 8), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_send(epoch, method("add"), NULL, 0), H2R_INVALID_ARGUMENT);
    for (int i = 0; i < IMPOSSIBLE; i++) {
        refused(epoch, "increment", bytes, impossible[i], H2R_INVALID_ARGUMENT);
        CHECK_EQUAL(h2r_send(epoch, method("add"), bytes, impossible[i]), H2R_INVALID_ARGUMENT);
    }
    static const uint8_t large[4097];
    refused(epoch, "echo", large, sizeof large, H2R_TOO_LARGE);
    CHECK_EQUAL(h2r_send(epoch, method("add"), large, sizeof large), H2R_TOO_LARGE);
    CHECK_EQUAL(stats().calls + stats().casts, 0);

    H2rSlot *slot = submit_number(epoch, "increment", 1, &waiter);
    waiter_await(waiter);
    CHECK_EQUAL(h2r_take(NULL, bytes, 8, &reply), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_take(slot, NULL, 8, &reply), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_take(slot, bytes, 8, NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_take(slot, bytes, 8, &reply), H2R_OK);
    finish(epoch);
}

/* Unknown, or of the other kind, or of a runtime that is not there. */
static void small_refusals(void) {
    const uint8_t bytes[8] = {0};
    uint64_t epoch = start(usual);
    refused(epoch, "nobody", bytes, 8, H2R_UNKNOWN_METHOD);
    refused(epoch, "add", bytes, 8, H2R_UNKNOWN_METHOD);
    CHECK_EQUAL(h2r_send(epoch, method("nobody"), bytes, 8), H2R_UNKNOWN_METHOD);
    CHECK_EQUAL(h2r_send(epoch, method("increment"), bytes, 8), H2R_UNKNOWN_METHOD);
    const uint64_t others[] = {0, epoch + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        refused(others[i], "increment", bytes, 8, H2R_NOT_RUNNING);
        CHECK_EQUAL(h2r_send(others[i], method("add"), bytes, 8), H2R_NOT_RUNNING);
    }
    finish(epoch);
    refused(epoch, "increment", bytes, 8, H2R_NOT_RUNNING);
    CHECK_EQUAL(h2r_send(epoch, method("add"), bytes, 8), H2R_NOT_RUNNING);
    uint64_t next = start(usual);
    refused(epoch, "increment", bytes, 8, H2R_NOT_RUNNING);
    finish(next);
}

static void small_answers(void) {
    uint64_t epoch = start(usual);
    for (size_t len = 0; len <= 4088; len = 3 * len + 1) {
        uint8_t bytes[4096], buffer[4200];
        put_u64(bytes, len);
        for (size_t at = 0; at < len; at++) {
            bytes[8 + at] = (uint8_t)(at * 7 + len);
        }
        /* Exactly as much room as it takes, more, and one byte less. */
        for (int i = 0; i < 3; i++) {
            size_t capacity = i == 0 ? 8 + len : i == 1 ? 8 + len + 100 : 7 + len;
            Waiter *waiter;
            H2rSlot *slot = submit(epoch, "echo", bytes, 8 + len, H2R_NO_TIMEOUT, &waiter);
            waiter_await(waiter);
            CHECK_EQUAL(waiter_capability(waiter), 5);
            if (i == 2) {
                take_slot(slot, capacity, H2R_OK);
                size_t answer_len = 0;
                const uint8_t *answer = result(slot, H2R_OK, &answer_len);
                CHECK_EQUAL(answer_len, 8 + len);
                CHECK(memcmp(answer, bytes, answer_len) == 0);
                CHECK_EQUAL(h2r_release(slot), H2R_OK);
            } else {
                memset(buffer, 0xa5, sizeof buffer);
                H2rReply reply = {slot, 99};
                CHECK_EQUAL(h2r_take(slot, buffer, capacity, &reply), H2R_OK);
                CHECK(reply.slot == NULL);
                CHECK_EQUAL(reply.len, 8 + len);
                CHECK(memcmp(buffer, bytes, reply.len) == 0);
                for (size_t at = reply.len; at < sizeof buffer; at++) {
                    CHECK_EQUAL(buffer[at], 0xa5);
                }
            }
            CHECK_EQUAL(stats().live_slots, 0);
        }
    }
    finish(epoch);
}

/* The worker writes answers where requests were: of each size, after each other size, they are the caller's own. */
static void small_answers_do_not_mix(void) {
    uint64_t epoch = start(usual);
    static const uint64_t lens[] = {0, 1, 4000, 50, 64, 65, 300, 7, 4088, 2};
    enum { LENS = sizeof lens / sizeof *lens };
    for (int round = 0; round < 200; round++) {
        H2rSlot *slots[2];
        Waiter *waiters[2];
        uint64_t sizes[2];
        for (int i = 0; i < 2; i++) {
            sizes[i] = lens[(round * (i + 3) + i) % LENS];
            slots[i] = submit_number(epoch, round % 5 == 4 ? "panic" : "bytes", sizes[i], &waiters[i]);
        }
        for (int i = 0; i < 2; i++) {
            uint8_t buffer[4096];
            H2rReply reply;
            waiter_await(waiters[i]);
            if (round % 5 == 4) {
                CHECK_EQUAL(h2r_release(take_slot(slots[i], 4096, H2R_UNDECODABLE)), H2R_OK);
                continue;
            }
            CHECK_EQUAL(h2r_take(slots[i], buffer, sizeof buffer, &reply), H2R_OK);
            CHECK_EQUAL(reply.len, 8 + sizes[i]);
            CHECK_EQUAL(get_u64(buffer), sizes[i]);
            for (uint64_t at = 0; at < sizes[i]; at++) {
                CHECK_EQUAL(buffer[8 + at], (uint8_t)(at * 7));
            }
        }
    }
    finish(epoch);
}

static void small_failures(void) {
    uint64_t epoch = start(usual);
    static const struct {
        const char *name;
        size_t len;
        uint64_t number;
        H2rStatus status;
    } failures[] = {
        {"panic", 0, 0, H2R_PANICKED},
        {"increment", 7, 0, H2R_UNDECODABLE},
        {"zeros", 8, 4089, H2R_ANSWER_TOO_LARGE},
        {"abandon", 0, 0, H2R_ABANDONED},
    };
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        uint8_t bytes[8];
        put_u64(bytes, failures[i].number);
        Waiter *waiter;
        H2rSlot *slot = submit(epoch, failures[i].name, bytes, failures[i].len, H2R_NO_TIMEOUT, &waiter);
        waiter_await(waiter);
        take_slot(slot, 4096, failures[i].status);
        size_t len = 0;
        field(result(slot, failures[i].status, &len), failures[i].name);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
    }
    finish(epoch);
}

static void small_timeouts(void) {
    uint64_t epoch = start(usual);
    Waiter *gate = NULL, *waiter, *queued;
    H2rSlot *held = call_into_gate(epoch, 1, &gate);
    H2rSlot *at_once = submit(epoch, "gate", "", 0, 0, &waiter);
    H2rSlot *later = submit(epoch, "gate", "", 0, 20000, &queued);
    take_slot(later, 8, H2R_WAIT);
    waiter_await(waiter);
    waiter_await(queued);
    CHECK_EQUAL(h2r_release(take_slot(at_once, 8, H2R_TIMED_OUT)), H2R_OK);
    CHECK_EQUAL(h2r_release(take_slot(later, 8, H2R_TIMED_OUT)), H2R_OK);
    fixture_gate(true);
    waiter_await(gate);
    /* The largest timeout that there is. */
    H2rSlot *never = submit(epoch, "gate", "", 0, UINT64_MAX - 1, &waiter);
    waiter_await(waiter);
    uint8_t buffer[1];
    H2rReply reply;
    CHECK_EQUAL(h2r_take(never, buffer, 0, &reply), H2R_OK);
    CHECK_EQUAL(reply.len, 0);
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    finish(epoch);
    CHECK_EQUAL(stats().timeouts, 2);
}

/* At the gate, in the queue, and in the line. */
static void small_released_while_waiting(void) {
    uint64_t epoch = start(usual);
    enum { COUNT = 7 };
    H2rSlot *slots[COUNT];
    Waiter *waiters[COUNT];
    slots[0] = submit(epoch, "gate", "", 0, H2R_NO_TIMEOUT, &waiters[0]);
    CHECK(fixture_await_arrived(1));
    for (int i = 1; i < COUNT; i++) {
        slots[i] = submit(epoch, "gate", "", 0, i % 2 == 0 ? H2R_NO_TIMEOUT : 60000000, &waiters[i]);
    }
    CHECK_EQUAL(stats().calls_queued, 4);
    CHECK_EQUAL(stats().calls_waiting, 2);
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQUAL(h2r_release(take_slot(slots[i], 8, H2R_WAIT)), H2R_OK);
        CHECK_EQUAL(waiter_fate(waiters[i]), FREED);
    }
    CHECK_EQUAL(stats().cancellations, COUNT);
    CHECK_EQUAL(stats().calls_waiting, 0);
    fixture_gate(true);
    CHECK(fixture_await_passed(1));
    Waiter *last;
    H2rSlot *next = submit(epoch, "gate", "", 0, H2R_NO_TIMEOUT, &last);
    waiter_await(last);
    CHECK_EQUAL(h2r_release(next), H2R_OK);
    /* The first and the last came to the gate, and none between. */
    fixture_gate(false);
    next = call_into_gate(epoch, 3, &last);
    CHECK_EQUAL(stats().live_slots, 1);
    fixture_gate(true);
    waiter_await(last);
    CHECK_EQUAL(h2r_release(next), H2R_OK);
    finish(epoch);
}

static void small_answered_by_shutdown(void) {
    Settings settings = usual;
    settings.shutdown_limit = 0;
    uint64_t epoch = start(settings);
    enum { COUNT = 7 };
    H2rSlot *slots[COUNT];
    Waiter *waiters[COUNT];
    for (int i = 0; i < COUNT; i++) {
        slots[i] = submit(epoch, "gate", "", 0, H2R_NO_TIMEOUT, &waiters[i]);
        CHECK(fixture_await_arrived(1));
    }
    uint64_t left_behind = 0;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 1);
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQUAL(waiter_fate(waiters[i]), PUT);
        CHECK_EQUAL(h2r_release(take_slot(slots[i], 8, H2R_SHUTTING_DOWN)), H2R_OK);
    }
    fixture_gate(true);
    CHECK(fixture_await_passed(1));
    await_no_slots();
    finish(start(usual));
}

static void small_casts(void) {
    uint64_t epoch = start(usual);
    Waiter *gate = NULL;
    H2rSlot *held = call_into_gate(epoch, 1, &gate);
    uint8_t one[8];
    put_u64(one, 1);
    for (int i = 0; i < 4; i++) {
        CHECK_EQUAL(h2r_send(epoch, method("add"), one, 8), H2R_OK);
    }
    CHECK_EQUAL(stats().casts_queued, 4);
    CHECK_EQUAL(h2r_send(epoch, method("add"), one, 8), H2R_FULL);
    CHECK_EQUAL(stats().casts, 4);
    /* Nobody jumps the line. */
    put_u64(one, 10);
    H2rSlot *slot = request(epoch, H2R_CAST, "add", one, 8, H2R_NO_TIMEOUT);
    Waiter *waiter = cast(epoch, slot, H2R_WAIT);
    CHECK_EQUAL(h2r_send(epoch, method("add"), one, 8), H2R_FULL);
    CHECK_EQUAL(stats().live_slots, 1 + 4 + 1);
    fixture_gate(true);
    waiter_await(waiter);
    waiter_await(gate);
    CHECK(fixture_await_sum(14));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    /* What it was sent with is the caller's again at once. */
    put_u64(one, 100);
    CHECK_EQUAL(h2r_send(epoch, method("add"), one, 8), H2R_OK);
    put_u64(one, 1000000);
    CHECK(fixture_await_sum(114));

    H2rSlot *notice = NULL;
    waiter = waiter_new();
    CHECK_EQUAL(h2r_notice(epoch, waiter, 0, &notice), H2R_WAIT);
    CHECK_EQUAL(h2r_send(epoch, method("panic"), one, 0), H2R_OK);
    waiter_await(waiter);
    CHECK_EQUAL(h2r_notice(epoch, waiter_new(), 0, &notice), H2R_OK);
    /* A notice is a slot like any other. */
    CHECK_EQUAL(h2r_release(take_slot(notice, 8, H2R_PANICKED)), H2R_OK);
    finish(epoch);
}

/* It has no use for slots of another kind, and does them no harm. */
static void small_wrong_kind_of_slot(void) {
    uint64_t epoch = start(usual);
    uint8_t bytes[8];
    put_u64(bytes, 1);
    H2rSlot *unsubmitted = request(epoch, H2R_CALL, "increment", bytes, 8, H2R_NO_TIMEOUT);
    CHECK_EQUAL(h2r_release(take_slot(unsubmitted, 8, H2R_WAIT)), H2R_OK);
    H2rSlot *a_cast = request(epoch, H2R_CAST, "add", bytes, 8, H2R_NO_TIMEOUT);
    take_slot(a_cast, 8, H2R_WAIT);
    CHECK_EQUAL(h2r_cast(epoch, a_cast, NULL, 0), H2R_OK);
    CHECK(fixture_await_sum(1));
    /* The worker is through with it once it has served another. */
    Waiter *waiter;
    H2rSlot *small = submit_number(epoch, "increment", 1, &waiter);
    waiter_await(waiter);
    H2rReply reply = {a_cast, 99};
    CHECK_EQUAL(h2r_take(a_cast, bytes, 8, &reply), H2R_OK);
    CHECK(reply.slot == NULL);
    CHECK_EQUAL(reply.len, 0);
    /* It was submitted when it was made. */
    waiter = waiter_new();
    CHECK_EQUAL(h2r_call(epoch, small, waiter, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK_EQUAL(h2r_cast(epoch, small, NULL, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_take(small, bytes, 8, &reply), H2R_OK);
    CHECK_EQUAL(get_u64(bytes), 2);
    finish(epoch);
}

const Scenario small[] = {
    {"small_arguments", small_arguments},
    {"small_refusals", small_refusals},
    {"small_answers", small_answers},
    {"small_answers_do_not_mix", small_answers_do_not_mix},
    {"small_failures", small_failures},
    {"small_timeouts", small_timeouts},
    {"small_released_while_waiting", small_released_while_waiting},
    {"small_answered_by_shutdown", small_answered_by_shutdown},
    {"small_casts", small_casts},
    {"small_wrong_kind_of_slot", small_wrong_kind_of_slot},
    {NULL, NULL},
};
