/* Calls on the caller's own thread. */
#include "fixture.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

typedef H2rStatus Direct(uint64_t epoch, uint64_t method, uint8_t *buffer, size_t len, size_t capacity,
                         H2rReply *reply);

/* A direct call that ends with a slot. */
static H2rSlot *call_for_slot(uint64_t epoch, const char *name, const void *request, size_t len, H2rStatus expected) {
    uint8_t buffer[64];
    memcpy(buffer, request, len);
    H2rReply reply = {NULL, 99};
    CHECK_EQUAL(h2r_direct(epoch, method(name), buffer, len, sizeof buffer, &reply), expected);
    CHECK(reply.slot != NULL);
    CHECK_EQUAL(reply.len, 0);
    CHECK(memcmp(buffer, request, len) == 0);
    return reply.slot;
}

/* No handler runs. */
static void refused(Direct *direct, uint64_t epoch, const char *name, size_t len, H2rStatus expected) {
    static uint8_t buffer[8192];
    memset(buffer, 0, sizeof buffer);
    H2rReply reply = {(H2rSlot *)buffer, 99};
    uint64_t calls = stats().calls;
    CHECK_EQUAL(direct(epoch, method(name), buffer, len, sizeof buffer, &reply), expected);
    CHECK(reply.slot == NULL);
    CHECK_EQUAL(stats().calls, calls);
    CHECK_EQUAL(stats().live_slots, 0);
}

static void direct_arguments(void) {
    uint64_t epoch = start(usual);
    uint8_t buffer[8] = {41};
    Direct *const both[] = {h2r_direct, h2r_direct_nonblocking};
    for (int i = 0; i < 2; i++) {
        const uint64_t increment = method("increment_at_once");
        H2rReply reply = {NULL, 99};
        CHECK_EQUAL(both[i](epoch, increment, NULL, 8, 8, &reply), H2R_INVALID_ARGUMENT);
        CHECK_EQUAL(both[i](epoch, increment, NULL, 0, 0, &reply), H2R_INVALID_ARGUMENT);
        CHECK_EQUAL(both[i](epoch, increment, buffer, 8, 8, NULL), H2R_INVALID_ARGUMENT);
        CHECK_EQUAL(both[i](epoch, increment, buffer, 8, 7, &reply), H2R_INVALID_ARGUMENT);
        CHECK_EQUAL(both[i](epoch, increment, buffer, SIZE_MAX, 8, &reply), H2R_INVALID_ARGUMENT);
        CHECK_EQUAL(both[i](epoch, increment, buffer, 8, (size_t)1 << 63, &reply), H2R_INVALID_ARGUMENT);
        CHECK_EQUAL(both[i](epoch, increment, buffer, SIZE_MAX, SIZE_MAX, &reply), H2R_INVALID_ARGUMENT);
        CHECK_EQUAL(stats().calls, (uint64_t)i);
        CHECK_EQUAL(both[i](epoch, increment, buffer, 8, 8, &reply), H2R_OK);
        CHECK(reply.slot == NULL);
        CHECK_EQUAL(reply.len, 8);
    }
    CHECK_EQUAL(get_u64(buffer), 43);
    finish(epoch);
}

static void direct_refusals(void) {
    uint64_t epoch = start(usual);
    Direct *const both[] = {h2r_direct, h2r_direct_nonblocking};
    for (int i = 0; i < 2; i++) {
        refused(both[i], epoch, "nobody", 8, H2R_UNKNOWN_METHOD);
        refused(both[i], epoch, "add", 8, H2R_UNKNOWN_METHOD);
        refused(both[i], epoch, "increment_at_once", 4097, H2R_TOO_LARGE);
        refused(both[i], 0, "increment_at_once", 8, H2R_NOT_RUNNING);
        refused(both[i], epoch + 1, "increment_at_once", 8, H2R_NOT_RUNNING);
        refused(both[i], UINT64_MAX, "increment_at_once", 8, H2R_NOT_RUNNING);
    }
    finish(epoch);
    uint64_t next = start(usual);
    for (int i = 0; i < 2; i++) {
        refused(both[i], epoch, "increment_at_once", 8, H2R_NOT_RUNNING);
    }
    finish(next);
    for (int i = 0; i < 2; i++) {
        refused(both[i], next, "increment_at_once", 8, H2R_NOT_RUNNING);
    }
}

/* In the buffer where there is room, to the byte; in a slot where there is not. */
static void direct_answers(void) {
    uint64_t epoch = start(usual);
    for (size_t len = 0; len <= 4088; len = 3 * len + 1) {
        for (size_t capacity = 8 + len; capacity < 8 + len + 200; capacity += 99) {
            uint8_t buffer[4400], expected[4096];
            memset(buffer, 0xa5, sizeof buffer);
            put_u64(expected, len);
            for (size_t at = 0; at < len; at++) {
                expected[8 + at] = (uint8_t)(at * 5 + len);
            }
            memcpy(buffer, expected, 8 + len);
            H2rReply reply = {NULL, 99};
            CHECK_EQUAL(h2r_direct(epoch, method("echo"), buffer, 8 + len, capacity, &reply), H2R_OK);
            CHECK(reply.slot == NULL);
            CHECK_EQUAL(reply.len, 8 + len);
            CHECK(memcmp(buffer, expected, 8 + len) == 0);
            for (size_t at = 8 + len; at < sizeof buffer; at++) {
                CHECK_EQUAL(buffer[at], 0xa5);
            }
        }
        uint8_t buffer[8];
        put_u64(buffer, len);
        H2rReply reply = {NULL, 99};
        CHECK_EQUAL(h2r_direct(epoch, method("bytes"), buffer, 8, 8, &reply), H2R_OK);
        if (len == 0) {
            CHECK(reply.slot == NULL);
            continue;
        }
        CHECK(reply.slot != NULL);
        CHECK_EQUAL(get_u64(buffer), len);
        size_t answer_len = 0;
        const uint8_t *answer = result(reply.slot, H2R_OK, &answer_len);
        CHECK_EQUAL(answer_len, 8 + len);
        for (size_t at = 0; at < len; at++) {
            CHECK_EQUAL(answer[8 + at], (uint8_t)(at * 7));
        }
        CHECK_EQUAL(h2r_release(reply.slot), H2R_OK);
    }
    CHECK_EQUAL(stats().live_slots, 0);
    finish(epoch);
}

static void direct_failures(void) {
    uint64_t epoch = start(usual);
    uint8_t bytes[8];
    put_u64(bytes, 4089);
    size_t len = 0;
    H2rSlot *slot = call_for_slot(epoch, "panic", "", 0, H2R_PANICKED);
    const uint8_t *place = field(result(slot, H2R_PANICKED, &len), "panic");
    field(place + 8 + get_u64(place), "the fixture gives up");
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(stats().panics, 1);
    slot = call_for_slot(epoch, "increment", bytes, 7, H2R_UNDECODABLE);
    field(result(slot, H2R_UNDECODABLE, &len), "increment");
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    slot = call_for_slot(epoch, "zeros", bytes, 8, H2R_ANSWER_TOO_LARGE);
    field(result(slot, H2R_ANSWER_TOO_LARGE, &len), "zeros");
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    slot = call_for_slot(epoch, "abandon", "", 0, H2R_ABANDONED);
    field(result(slot, H2R_ABANDONED, &len), "abandon");
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(stats().cancellations, 0);
    finish(epoch);
}

/* Its author's word is asked for, and not the handler's time. */
static void nonblocking_methods(void) {
    uint64_t epoch = start(usual);
    static const char *const others[] = {"increment", "gate", "keep", "abandon", "panic"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        refused(h2r_direct_nonblocking, epoch, others[i], 8, H2R_MAY_BLOCK);
    }
    CHECK_EQUAL(fixture_arrived(), 0);
    uint8_t bytes[8];
    for (uint64_t i = 0; i < 1000; i++) {
        put_u64(bytes, i);
        H2rReply reply = {NULL, 99};
        CHECK_EQUAL(h2r_direct_nonblocking(epoch, method("increment_at_once"), bytes, 8, 8, &reply), H2R_OK);
        CHECK_EQUAL(get_u64(bytes), i + 1);
    }
    /* It is a call like any other, too. */
    H2rSlot *slot = request(epoch, H2R_CALL, "increment_at_once", bytes, 8, H2R_NO_TIMEOUT);
    waiter_await(call(epoch, slot));
    size_t len = 0;
    CHECK_EQUAL(get_u64(result(slot, H2R_OK, &len)), 1001);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

/* Answered by the handler, before the caller waits, and after. */
static void direct_call_of_a_token(void) {
    uint64_t epoch = start(usual);
    uint8_t bytes[8];
    put_u64(bytes, 6);
    size_t len = 0;
    H2rSlot *slot = call_for_slot(epoch, "increment_by_token", bytes, 8, H2R_OK);
    CHECK_EQUAL(get_u64(result(slot, H2R_OK, &len)), 7);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    for (uint64_t i = 0; i < 4; i++) {
        bool answered = i % 2 == 0, waits = i < 2;
        slot = call_for_slot(epoch, "keep", "", 0, H2R_WAIT);
        result(slot, H2R_WAIT, &len);
        CHECK_EQUAL(stats().live_slots, 1);
        Waiter *waiter = waiter_new();
        if (waits) {
            CHECK_EQUAL(h2r_await(slot, waiter, 5), H2R_WAIT);
            CHECK_EQUAL(stats().stable_ptrs, 1);
            CHECK(answered ? fixture_answer(i, 8) : fixture_drop(i));
            waiter_await(waiter);
            CHECK_EQUAL(waiter_capability(waiter), 5);
        } else {
            CHECK(answered ? fixture_answer(i, 8) : fixture_drop(i));
            CHECK_EQUAL(h2r_await(slot, waiter, 5), H2R_OK);
            CHECK_EQUAL(waiter_fate(waiter), FREED);
        }
        const uint8_t *answer = result(slot, answered ? H2R_OK : H2R_ABANDONED, &len);
        CHECK_EQUAL(get_u64(answer), answered ? 8 : 4);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
        CHECK_EQUAL(stats().live_slots, 0);
    }
    /* No worker had anything to do with them. */
    finish(epoch);
    CHECK_EQUAL(threads_done(), 0);
}

static void await_arguments(void) {
    uint64_t epoch = start(usual);
    H2rSlot *slot = call_for_slot(epoch, "keep", "", 0, H2R_WAIT);
    CHECK_EQUAL(h2r_await(slot, NULL, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_await(NULL, NULL, 0), H2R_INVALID_ARGUMENT);
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_await(NULL, waiter, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    /* One waits, and no second one takes its place. */
    waiter = waiter_new();
    Waiter *second = waiter_new();
    CHECK_EQUAL(h2r_await(slot, waiter, 0), H2R_WAIT);
    CHECK_EQUAL(h2r_await(slot, second, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(second), FREED);
    /* Nor can the slot be submitted. */
    second = waiter_new();
    CHECK_EQUAL(h2r_call(epoch, slot, second, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(second), FREED);
    CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_INVALID_ARGUMENT);
    CHECK(fixture_answer(0, 1));
    waiter_await(waiter);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);

    /* Calls that go through the queue have their waiter, or none yet. */
    slot = request_unit(epoch, H2R_CALL, "gate");
    second = waiter_new();
    CHECK_EQUAL(h2r_await(slot, second, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(second), FREED);
    waiter = call(epoch, slot);
    CHECK(fixture_await_arrived(1));
    second = waiter_new();
    CHECK_EQUAL(h2r_await(slot, second, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(second), FREED);
    fixture_gate(true);
    waiter_await(waiter);
    second = waiter_new();
    CHECK_EQUAL(h2r_await(slot, second, 0), H2R_OK);
    CHECK_EQUAL(waiter_fate(second), FREED);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

static void direct_released_without_waiting(void) {
    uint64_t epoch = start(usual);
    for (uint64_t i = 0; i < 2; i++) {
        H2rSlot *slot = call_for_slot(epoch, "keep", "", 0, H2R_WAIT);
        Waiter *waiter = NULL;
        if (i == 1) {
            waiter = waiter_new();
            CHECK_EQUAL(h2r_await(slot, waiter, 0), H2R_WAIT);
        }
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
        CHECK(waiter == NULL || waiter_fate(waiter) == FREED);
        CHECK_EQUAL(stats().cancellations, i + 1);
        /* The token has it still. */
        CHECK_EQUAL(stats().live_slots, 1);
        CHECK(i == 0 ? fixture_answer(i, 1) : fixture_drop(i));
        CHECK_EQUAL(stats().live_slots, 0);
    }
    finish(epoch);
}

static void direct_tokens_at_shutdown(void) {
    uint64_t epoch = start(usual);
    H2rSlot *slots[3];
    for (int i = 0; i < 3; i++) {
        slots[i] = call_for_slot(epoch, "keep", "", 0, H2R_WAIT);
    }
    Waiter *waiter = waiter_new(), *late = waiter_new();
    CHECK_EQUAL(h2r_await(slots[0], waiter, 0), H2R_WAIT);
    CHECK_EQUAL(h2r_release(slots[2]), H2R_OK);
    uint64_t left_behind = 99;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 0);
    CHECK_EQUAL(waiter_fate(waiter), PUT);
    CHECK_EQUAL(h2r_await(slots[1], late, 0), H2R_OK);
    CHECK_EQUAL(waiter_fate(late), FREED);
    size_t len = 99;
    for (int i = 0; i < 2; i++) {
        result(slots[i], H2R_SHUTTING_DOWN, &len);
        CHECK_EQUAL(len, 0);
        CHECK_EQUAL(h2r_release(slots[i]), H2R_OK);
    }
    for (uint64_t i = 0; i < 3; i++) {
        CHECK(fixture_answer(i, 1));
    }
    CHECK_EQUAL(stats().live_slots, 0);
    finish(start(usual));
}

typedef struct {
    uint64_t epoch;
    const char *name;
    uint8_t buffer[64];
    H2rStatus status;
    H2rReply reply;
} Caller;

static void *call_directly(void *argument) {
    Caller *caller = argument;
    caller->status =
        h2r_direct(caller->epoch, method(caller->name), caller->buffer, 0, sizeof caller->buffer, &caller->reply);
    return NULL;
}

static void *open_gate_once_it_stops(void *argument) {
    const uint64_t epoch = *(const uint64_t *)argument;
    uint8_t buffer[8] = {0};
    H2rReply reply;
    time_t limit = time(NULL) + 20;
    while (h2r_direct(epoch, method("increment"), buffer, 8, 8, &reply) == H2R_OK) {
        CHECK(reply.slot == NULL || h2r_release(reply.slot) == H2R_OK);
        CHECK(time(NULL) < limit);
        sched_yield();
    }
    /* While it waits for the one, there is no other. */
    CHECK_EQUAL(h2r_direct(epoch, method("increment"), buffer, 8, 8, &reply), H2R_NOT_RUNNING);
    fixture_gate(true);
    return NULL;
}

static void deinit_waits_for_a_direct_call(void) {
    Caller caller = {.epoch = start(usual), .name = "gate"};
    pthread_t thread, opener;
    CHECK_EQUAL(pthread_create(&thread, NULL, call_directly, &caller), 0);
    CHECK(fixture_await_arrived(1));
    CHECK_EQUAL(pthread_create(&opener, NULL, open_gate_once_it_stops, &caller.epoch), 0);
    uint64_t left_behind = 99;
    CHECK_EQUAL(h2r_deinit(caller.epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 0);
    CHECK(fixture_await_passed(1));
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_EQUAL(pthread_join(opener, NULL), 0);
    CHECK_EQUAL(caller.status, H2R_OK);
    CHECK(caller.reply.slot == NULL);
    CHECK_EQUAL(caller.reply.len, 0);
    finish(start(usual));
}

/* Two on callers' threads and one on the worker's; then the next runtime runs, and they come back. */
static void deinit_leaves_a_direct_call_behind(void) {
    Settings settings = usual;
    settings.shutdown_limit = 20000;
    Caller callers[2] = {{.name = "gate"}, {.name = "gate"}};
    pthread_t threads[2];
    uint64_t epoch = start(settings);
    for (int i = 0; i < 2; i++) {
        callers[i].epoch = epoch;
        CHECK_EQUAL(pthread_create(&threads[i], NULL, call_directly, &callers[i]), 0);
    }
    Waiter *waiter;
    H2rSlot *slot = call_into_gate(epoch, 3, &waiter);
    uint64_t left_behind = 99;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 3);
    CHECK_EQUAL(waiter_fate(waiter), PUT);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);

    uint64_t next = start(usual);
    fixture_gate(true);
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
        CHECK_EQUAL(callers[i].status, H2R_OK);
        CHECK(callers[i].reply.slot == NULL);
    }
    CHECK(fixture_await_passed(3));
    await_no_slots();
    CHECK_EQUAL(h2r_deinit(next, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 0);
    finish(start(usual));
}

enum { ROUNDS = 300 };
static _Atomic uint64_t current;

static void *call_until_the_end(void *ignored) {
    (void)ignored;
    uint64_t epoch;
    while ((epoch = atomic_load(&current)) != UINT64_MAX) {
        static const char *const names[] = {"increment", "increment_by_token", "panic", "bytes"};
        for (int i = 0; i < 4; i++) {
            uint8_t buffer[8];
            put_u64(buffer, 60);
            H2rReply reply = {NULL, 0};
            H2rStatus status = h2r_direct(epoch, method(names[i]), buffer, i == 2 ? 0 : 8, 8, &reply);
            if (reply.slot != NULL) {
                CHECK(status == H2R_SHUTTING_DOWN || status == (i == 2 ? H2R_PANICKED : H2R_OK));
                CHECK_EQUAL(h2r_release(reply.slot), H2R_OK);
            } else {
                CHECK(status == H2R_NOT_RUNNING || (status == H2R_OK && i == 0 && get_u64(buffer) == 61));
            }
        }
    }
    return NULL;
}

/* Callers come all the time; each is answered, or told why not, and none is left behind. */
static void direct_calls_meet_deinit(void) {
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(pthread_create(&threads[i], NULL, call_until_the_end, NULL), 0);
    }
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t epoch = start(usual), left_behind = 99;
        atomic_store(&current, epoch);
        uint8_t buffer[8] = {0};
        H2rReply reply;
        CHECK_EQUAL(h2r_direct(epoch, method("increment"), buffer, 8, 8, &reply), H2R_OK);
        CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
        CHECK_EQUAL(left_behind, 0);
    }
    atomic_store(&current, UINT64_MAX);
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    finish(start(usual));
}

const Scenario direct[] = {
    {"direct_arguments", direct_arguments},
    {"direct_refusals", direct_refusals},
    {"direct_answers", direct_answers},
    {"direct_failures", direct_failures},
    {"nonblocking_methods", nonblocking_methods},
    {"direct_call_of_a_token", direct_call_of_a_token},
    {"await_arguments", await_arguments},
    {"direct_released_without_waiting", direct_released_without_waiting},
    {"direct_tokens_at_shutdown", direct_tokens_at_shutdown},
    {"deinit_waits_for_a_direct_call", deinit_waits_for_a_direct_call},
    {"deinit_leaves_a_direct_call_behind", deinit_leaves_a_direct_call_behind},
    {"direct_calls_meet_deinit", direct_calls_meet_deinit},
    {NULL, NULL},
};
