/* Many requests in one message. */
#include "fixture.h"

/* The answers of a batch that has ended; they are read by `next_answer`. */
static const uint8_t *answers(const H2rSlot *slot, const uint8_t **end) {
    size_t len = 0;
    const uint8_t *at = result(slot, H2R_OK, &len);
    *end = at + len;
    return at;
}

/* The next answer is this number. */
static void expect_number(const uint8_t **at, uint64_t expected) {
    size_t len = 0;
    const uint8_t *bytes = next_answer(at, H2R_OK, &len);
    CHECK_EQUAL(len, 8);
    CHECK_EQUAL(get_u64(bytes), expected);
}

/* The next one has failed, and its bytes begin with the method's name; gives what comes then. */
static const uint8_t *expect_failure(const uint8_t **at, H2rStatus expected, const char *name) {
    size_t len = 0;
    return field(next_answer(at, expected, &len), name);
}

static void batch_arguments(void) {
    uint64_t epoch = start(usual);
    const uint64_t halve = method("halve");
    H2rSlot *slot = NULL;
    uint8_t *body = NULL;
    CHECK_EQUAL(h2r_batch(epoch, H2R_CALL, halve, 1, 16, NULL, &body), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_batch(epoch, H2R_CALL, halve, 1, 16, &slot, NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_batch(epoch, 2, halve, 1, 16, &slot, &body), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_batch(epoch, UINT32_MAX, halve, 1, 16, &slot, &body), H2R_INVALID_ARGUMENT);
    /* All requests together have no more bytes than one may have; their lengths do not count. */
    CHECK_EQUAL(h2r_batch(epoch, H2R_CALL, halve, 0, 4097, &slot, &body), H2R_TOO_LARGE);
    CHECK_EQUAL(h2r_batch(epoch, H2R_CALL, halve, 10, 4096 + 81, &slot, &body), H2R_TOO_LARGE);
    CHECK_EQUAL(h2r_batch(epoch, H2R_CALL, halve, 10, SIZE_MAX, &slot, &body), H2R_TOO_LARGE);
    /* However many there are said to be, no machine has the memory. */
    const size_t counts[] = {(size_t)1 << 60, SIZE_MAX / 8, SIZE_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        const size_t lens[] = {(size_t)1 << 60, (size_t)1 << 63, SIZE_MAX};
        for (size_t j = 0; j < sizeof lens / sizeof *lens; j++) {
            H2rStatus status = h2r_batch(epoch, H2R_CALL, halve, counts[i], lens[j], &slot, &body);
            CHECK(status == H2R_OUT_OF_MEMORY || status == H2R_TOO_LARGE);
        }
    }
    const uint64_t others[] = {0, epoch + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK_EQUAL(h2r_batch(others[i], H2R_CALL, halve, 1, 16, &slot, &body), H2R_NOT_RUNNING);
    }
    CHECK(slot == NULL && body == NULL);
    CHECK_EQUAL(h2r_batch(epoch, H2R_CALL, halve, 10, 4096 + 80, &slot, &body), H2R_OK);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
    CHECK_EQUAL(h2r_batch(epoch, H2R_CALL, halve, 1, 16, &slot, &body), H2R_NOT_RUNNING);
}

static void batch_refusals(void) {
    uint64_t epoch = start(usual);
    const uint64_t numbers[] = {2, 4};
    H2rSlot *unknown = batch_of(epoch, H2R_CALL, "add", numbers, 2);
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_call(epoch, unknown, waiter, 0), H2R_UNKNOWN_METHOD);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK_EQUAL(h2r_release(unknown), H2R_OK);
    unknown = batch_of(epoch, H2R_CAST, "increment", numbers, 2);
    CHECK_EQUAL(h2r_cast(epoch, unknown, NULL, 0), H2R_UNKNOWN_METHOD);
    CHECK_EQUAL(h2r_release(unknown), H2R_OK);

    /* Of the other kind, or twice. */
    H2rSlot *calls = batch_of(epoch, H2R_CALL, "halve", numbers, 2), *casts = batch_of(epoch, H2R_CAST, "add", numbers, 2);
    CHECK_EQUAL(h2r_cast(epoch, calls, NULL, 0), H2R_INVALID_ARGUMENT);
    waiter = waiter_new();
    CHECK_EQUAL(h2r_call(epoch, casts, waiter, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    waiter_await(call(epoch, calls));
    waiter = waiter_new();
    CHECK_EQUAL(h2r_call(epoch, calls, waiter, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK_EQUAL(h2r_cast(epoch, casts, NULL, 0), H2R_OK);
    CHECK_EQUAL(h2r_cast(epoch, casts, NULL, 0), H2R_INVALID_ARGUMENT);
    CHECK(fixture_await_sum(6));
    CHECK_EQUAL(h2r_release(calls), H2R_OK);
    CHECK_EQUAL(h2r_release(casts), H2R_OK);
    /* Never submitted, and submitted too late. */
    CHECK_EQUAL(h2r_release(batch_of(epoch, H2R_CALL, "halve", numbers, 2)), H2R_OK);
    calls = batch_of(epoch, H2R_CALL, "halve", numbers, 2);
    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    waiter = waiter_new();
    CHECK_EQUAL(h2r_call(epoch, calls, waiter, 0), H2R_NOT_RUNNING);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK_EQUAL(h2r_release(calls), H2R_OK);
    finish(start(usual));
}

static void batch_answers_in_order(void) {
    Settings settings = usual;
    settings.max_msg_len = 1 << 16;
    uint64_t epoch = start(settings);
    enum { COUNT = 200 };
    uint64_t numbers[COUNT];
    for (int i = 0; i < COUNT; i++) {
        /* Every fourth is odd. */
        numbers[i] = i % 4 == 3 ? (uint64_t)(2 * i + 1) : (uint64_t)(2 * i);
    }
    for (int count = 1; count <= COUNT; count = 3 * count - 1) {
        uint64_t panics = stats().panics, calls = stats().calls;
        H2rSlot *slot = batch_of(epoch, H2R_CALL, "halve", numbers, (size_t)count);
        Waiter *waiter = call(epoch, slot);
        waiter_await(waiter);
        CHECK_EQUAL(waiter_capability(waiter), 3);
        const uint8_t *end, *at = answers(slot, &end);
        for (int i = 0; i < count; i++) {
            if (i % 4 == 3) {
                const uint8_t *place = expect_failure(&at, H2R_PANICKED, "halve");
                char expected[50];
                sprintf(expected, "%d is odd", 2 * i + 1);
                CHECK(field(place + 8 + get_u64(place), expected) == at);
            } else {
                expect_number(&at, (uint64_t)i);
            }
        }
        CHECK(at == end);
        CHECK_EQUAL(stats().panics - panics, (uint64_t)count / 4);
        CHECK_EQUAL(stats().calls - calls, 1);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
        CHECK_EQUAL(stats().live_slots, 0);
    }
    finish(epoch);
}

/* Requests of 7, 8, 0 and 9 bytes. */
static void batch_of_undecodable_requests(void) {
    uint64_t epoch = start(usual);
    const size_t lens[] = {7, 8, 0, 9};
    H2rSlot *slot = NULL;
    uint8_t *body = NULL;
    CHECK_EQUAL(h2r_batch(epoch, H2R_CALL, method("increment"), 4, 4 * 8 + 24, &slot, &body), H2R_OK);
    for (int i = 0; i < 4; i++) {
        put_u64(body, lens[i]);
        memset(body + 8, 0, lens[i]);
        body += 8 + lens[i];
    }
    waiter_await(call(epoch, slot));
    const uint8_t *end, *at = answers(slot, &end);
    for (int i = 0; i < 4; i++) {
        if (lens[i] == 8) {
            expect_number(&at, 1);
        } else {
            const uint8_t *reason = expect_failure(&at, H2R_UNDECODABLE, "increment");
            CHECK(reason + 8 + get_u64(reason) == at);
        }
    }
    CHECK(at == end);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

/* The limit is each answer's own. */
static void batch_answers_over_the_limit(void) {
    uint64_t epoch = start(usual);
    const uint64_t counts[] = {100, 4089, 100000, 0, 4088};
    H2rSlot *slot = batch_of(epoch, H2R_CALL, "bytes", counts, 2);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    slot = batch_of(epoch, H2R_CALL, "bytes", counts, 5);
    waiter_await(call(epoch, slot));
    const uint8_t *end, *at = answers(slot, &end);
    for (int i = 0; i < 5; i++) {
        if (counts[i] > 4088) {
            const uint8_t *numbers = expect_failure(&at, H2R_ANSWER_TOO_LARGE, "bytes");
            CHECK_EQUAL(get_u64(numbers), counts[i] + 8);
            CHECK_EQUAL(get_u64(numbers + 8), 4096);
        } else {
            size_t len = 0;
            const uint8_t *bytes = next_answer(&at, H2R_OK, &len);
            CHECK_EQUAL(len, counts[i] + 8);
            CHECK_EQUAL(get_u64(bytes), counts[i]);
            for (uint64_t byte = 0; byte < counts[i]; byte++) {
                CHECK_EQUAL(bytes[8 + byte], (uint8_t)(byte * 7));
            }
        }
    }
    CHECK(at == end);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

/* Once the answers are as large together as one may be, the rest is not handled. */
static void batch_answers_up_to_the_limit(void) {
    uint64_t epoch = start(usual);
    const uint64_t counts[] = {4000, 200, 1, 1};
    H2rSlot *slot = batch_of(epoch, H2R_CALL, "bytes", counts, 4);
    waiter_await(call(epoch, slot));
    const uint8_t *end, *at = answers(slot, &end);
    for (int i = 0; i < 2; i++) {
        size_t len = 0;
        next_answer(&at, H2R_OK, &len);
        CHECK_EQUAL(len, counts[i] + 8);
    }
    CHECK(at == end);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

/* What would be the tail of a single answer is in its place among the others. */
static void batch_answers_have_no_tails(void) {
    Settings settings = usual;
    settings.max_msg_len = 1 << 20;
    uint64_t epoch = start(settings);
    const uint64_t counts[] = {40000, 3, 50000};
    H2rSlot *slot = batch_of(epoch, H2R_CALL, "bytes", counts, 3);
    waiter_await(call(epoch, slot));
    const uint8_t *end, *at = answers(slot, &end);
    for (int i = 0; i < 3; i++) {
        size_t len = 0;
        const uint8_t *bytes = next_answer(&at, H2R_OK, &len);
        CHECK_EQUAL(len, counts[i] + 8);
        CHECK_EQUAL(bytes[8 + counts[i] - 1], (uint8_t)((counts[i] - 1) * 7));
    }
    CHECK(at == end);
    const uint8_t *bytes = NULL;
    size_t len = 0;
    CHECK_EQUAL(h2r_tail(slot, &bytes, &len), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

static void malformed_batches(void) {
    Settings settings = usual;
    settings.queue_capacity = 100;
    uint64_t epoch = start(settings);
    static const struct {
        size_t len;
        uint8_t bytes[24];
    } malformed[] = {
        {1, {0}},
        {7, {0}},
        {8, {1}},
        {9, {0}},
        {16, {9, [8] = 1}},
        {16, {7}},
        {24, {0, [8] = 9}},
        {8, {[7] = 0x80}},
        {8, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
        {16, {0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
    };
    enum { COUNT = sizeof malformed / sizeof *malformed };
    for (int i = 0; i < COUNT; i++) {
        static const char *const names[] = {"halve", "keep"};
        for (int kind = 0; kind < 3; kind++) {
            H2rSlot *slot = NULL;
            uint8_t *body = NULL;
            uint64_t id = kind < 2 ? method(names[kind]) : method("add");
            CHECK_EQUAL(h2r_batch(epoch, kind < 2 ? H2R_CALL : H2R_CAST, id, 2, malformed[i].len, &slot, &body), H2R_OK);
            memcpy(body, malformed[i].bytes, malformed[i].len);
            if (kind < 2) {
                waiter_await(call(epoch, slot));
                size_t len = 0;
                field(field(result(slot, H2R_UNDECODABLE, &len), names[kind]), "it is no list of requests");
            } else {
                CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_OK);
            }
            CHECK_EQUAL(h2r_release(slot), H2R_OK);
        }
    }
    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    /* The casts fail as one each. */
    for (int i = 0; i < COUNT; i++) {
        H2rSlot *notice = NULL;
        size_t len = 0;
        CHECK_EQUAL(h2r_notice(epoch, waiter_new(), 0, &notice), H2R_OK);
        field(result(notice, H2R_UNDECODABLE, &len), "add");
        CHECK_EQUAL(h2r_release(notice), H2R_OK);
    }
    H2rSlot *notice = NULL;
    CHECK_EQUAL(h2r_notice(epoch, waiter_new(), 0, &notice), H2R_SHUTTING_DOWN);
    finish(start(usual));
}

static void empty_batches(void) {
    uint64_t epoch = start(usual);
    static const char *const names[] = {"halve", "keep"};
    for (int i = 0; i < 2; i++) {
        H2rSlot *slot = batch_of(epoch, H2R_CALL, names[i], NULL, 0);
        waiter_await(call(epoch, slot));
        size_t len = 99;
        result(slot, H2R_OK, &len);
        CHECK_EQUAL(len, 0);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
    }
    H2rSlot *slot = batch_of(epoch, H2R_CAST, "add", NULL, 0);
    CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_OK);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

/* The handlers are through, and no worker waits for the tokens. */
static void batch_of_tokens(void) {
    uint64_t epoch = start(usual);
    H2rSlot *slot = batch_of_units(epoch, H2R_CALL, "keep", 4);
    Waiter *waiter = call(epoch, slot);
    CHECK(fixture_await_tokens(4));
    CHECK(fixture_answer(2, 30));
    CHECK(fixture_answer(0, 10));
    CHECK(fixture_drop(3));
    size_t len = 0;
    result(slot, H2R_WAIT, &len);
    H2rSlot *other = request_unit(epoch, H2R_CALL, "panic");
    waiter_await(call(epoch, other));
    CHECK_EQUAL(h2r_release(other), H2R_OK);
    CHECK_EQUAL(waiter_fate(waiter), ALIVE);
    CHECK(fixture_answer(1, 20));
    waiter_await(waiter);
    const uint8_t *end, *at = answers(slot, &end);
    expect_number(&at, 10);
    expect_number(&at, 20);
    expect_number(&at, 30);
    CHECK(expect_failure(&at, H2R_ABANDONED, "keep") == at);
    CHECK(at == end);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);

    /* Handlers that answer before they return, of which the last one answers all. */
    const uint64_t numbers[] = {1, 2, 3};
    for (size_t count = 1; count <= 3; count++) {
        slot = batch_of(epoch, H2R_CALL, "increment_by_token", numbers, count);
        waiter_await(call(epoch, slot));
        at = answers(slot, &end);
        for (size_t i = 0; i < count; i++) {
            expect_number(&at, numbers[i] + 1);
        }
        CHECK(at == end);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
    }
    finish(epoch);
}

static void batch_of_tokens_at_shutdown(void) {
    uint64_t epoch = start(usual);
    H2rSlot *slot = batch_of_units(epoch, H2R_CALL, "keep", 2), *gone = batch_of_units(epoch, H2R_CALL, "keep", 2);
    Waiter *waiter = call(epoch, slot), *freed = call(epoch, gone);
    CHECK(fixture_await_tokens(4));
    CHECK(fixture_answer(0, 1));
    CHECK_EQUAL(h2r_release(gone), H2R_OK);
    CHECK_EQUAL(waiter_fate(freed), FREED);
    /* No handler is running. */
    uint64_t left_behind = 99;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 0);
    CHECK_EQUAL(waiter_fate(waiter), PUT);
    size_t len = 0;
    result(slot, H2R_SHUTTING_DOWN, &len);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    /* Late, to nobody. */
    CHECK_EQUAL(stats().live_slots, 2);
    for (uint64_t at = 1; at < 4; at++) {
        CHECK(at == 2 ? fixture_drop(at) : fixture_answer(at, 7));
    }
    CHECK_EQUAL(stats().live_slots, 0);
    finish(start(usual));
}

static void batch_cancelled_in_the_middle(void) {
    uint64_t epoch = start(usual);
    const uint64_t numbers[] = {1, 2, 3};
    H2rSlot *slot = batch_of(epoch, H2R_CALL, "watch", numbers, 3);
    Waiter *waiter = call(epoch, slot);
    CHECK(fixture_await_arrived(1));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK(fixture_await_cancelled(1));
    Waiter *gate;
    H2rSlot *next = call_into_gate(epoch, 2, &gate);
    /* The second has not begun. */
    CHECK_EQUAL(fixture_arrived(), 2);
    CHECK_EQUAL(stats().live_slots, 1);
    CHECK_EQUAL(stats().cancellations, 1);
    fixture_gate(true);
    waiter_await(gate);
    CHECK_EQUAL(h2r_release(next), H2R_OK);
    /* In the queue, and in the line. */
    fixture_gate(false);
    next = call_into_gate(epoch, 3, &gate);
    for (int i = 0; i < 6; i++) {
        slot = batch_of(epoch, H2R_CALL, "watch", numbers, 3);
        waiter = call(epoch, slot);
        CHECK_EQUAL(stats().calls_waiting, i < 4 ? 0 : 1);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
        CHECK_EQUAL(waiter_fate(waiter), FREED);
    }
    fixture_gate(true);
    waiter_await(gate);
    CHECK_EQUAL(h2r_release(next), H2R_OK);
    finish(epoch);
    CHECK_EQUAL(fixture_arrived(), 3);
}

static void deinit_in_the_middle_of_a_batch(void) {
    uint64_t epoch = start(usual);
    const uint64_t numbers[] = {1, 2, 3};
    H2rSlot *slot = batch_of(epoch, H2R_CALL, "watch", numbers, 3);
    Waiter *waiter = call(epoch, slot);
    CHECK(fixture_await_arrived(1));
    uint64_t left_behind = 99;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 0);
    CHECK_EQUAL(waiter_fate(waiter), PUT);
    const uint8_t *end, *at = answers(slot, &end);
    size_t len = 99;
    next_answer(&at, H2R_OK, &len);
    for (int i = 1; i < 3; i++) {
        next_answer(&at, H2R_SHUTTING_DOWN, &len);
        CHECK_EQUAL(len, 0);
    }
    CHECK(at == end);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);

    /* A handler that does not end: the batch has none of its answers, and goes no further. */
    Settings settings = usual;
    settings.shutdown_limit = 0;
    epoch = start(settings);
    slot = batch_of_units(epoch, H2R_CALL, "gate", 3);
    waiter = call(epoch, slot);
    CHECK(fixture_await_arrived(2));
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 1);
    CHECK_EQUAL(waiter_fate(waiter), PUT);
    result(slot, H2R_SHUTTING_DOWN, &len);
    fixture_gate(true);
    CHECK(fixture_await_passed(1));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    await_no_slots();
    CHECK_EQUAL(fixture_arrived(), 2);
    CHECK_EQUAL(waiters_alive(), 0);
}

static void read_notice(uint64_t epoch, H2rStatus expected, const char *name) {
    H2rSlot *notice = NULL;
    size_t len = 0;
    Waiter *waiter = waiter_new();
    H2rStatus status = h2r_notice(epoch, waiter, 0, &notice);
    if (status == H2R_WAIT) {
        waiter_await(waiter);
        status = h2r_notice(epoch, waiter_new(), 0, &notice);
    }
    CHECK_EQUAL(status, H2R_OK);
    field(result(notice, expected, &len), name);
    CHECK_EQUAL(h2r_release(notice), H2R_OK);
}

static void batch_of_casts(void) {
    uint64_t epoch = start(usual);
    const uint64_t numbers[] = {2, 3, 4, 5, 6};
    H2rSlot *slot = batch_of(epoch, H2R_CAST, "halve", numbers, 5);
    CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_OK);
    CHECK_EQUAL(h2r_accepted(slot), H2R_OK);
    /* A cast that was accepted goes on without its caller. */
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    read_notice(epoch, H2R_PANICKED, "halve");
    read_notice(epoch, H2R_PANICKED, "halve");
    CHECK(fixture_await_sum(1 + 2 + 3));
    CHECK_EQUAL(stats().casts, 1);
    finish(epoch);
}

static void batch_of_casts_waits_for_room(void) {
    uint64_t epoch = start(usual);
    Waiter *gate;
    H2rSlot *held = call_into_gate(epoch, 1, &gate);
    const uint64_t numbers[] = {1, 10, 100};
    for (int i = 0; i < 4; i++) {
        H2rSlot *slot = batch_of(epoch, H2R_CAST, "add", numbers, 3);
        CHECK_EQUAL(waiter_fate(cast(epoch, slot, H2R_OK)), FREED);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
    }
    /* One place each. */
    CHECK_EQUAL(stats().casts_queued, 4);
    H2rSlot *slot = batch_of(epoch, H2R_CAST, "add", numbers, 3), *back = batch_of(epoch, H2R_CAST, "add", numbers, 3);
    CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_FULL);
    Waiter *waiter = cast(epoch, slot, H2R_WAIT), *taken_back = cast(epoch, back, H2R_WAIT);
    CHECK_EQUAL(h2r_accepted(slot), H2R_WAIT);
    CHECK_EQUAL(h2r_release(back), H2R_OK);
    CHECK_EQUAL(waiter_fate(taken_back), FREED);
    fixture_gate(true);
    waiter_await(waiter);
    CHECK_EQUAL(h2r_accepted(slot), H2R_OK);
    CHECK(fixture_await_sum(5 * 111));
    waiter_await(gate);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    finish(epoch);
    CHECK(fixture_await_sum(5 * 111));
}

/* One that was running when the time was over, those behind it in its batch, and those in the queue: of each cast that
   was not begun there is a notice. Many rounds for those that shutdown meets just as the worker takes them. */
static void shutdown_drops_batches_of_casts(void) {
    Settings settings = usual;
    settings.shutdown_limit = 0;
    settings.queue_capacity = 20;
    const uint64_t numbers[] = {1, 10, 100};
    uint64_t epoch = start(settings);
    H2rSlot *running = batch_of_units(epoch, H2R_CAST, "gate", 3);
    CHECK_EQUAL(h2r_cast(epoch, running, NULL, 0), H2R_OK);
    CHECK(fixture_await_arrived(1));
    for (size_t count = 0; count <= 3; count++) {
        H2rSlot *slot = batch_of(epoch, H2R_CAST, "add", numbers, count);
        CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_OK);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
    }
    uint64_t left_behind = 0;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 1);
    CHECK_EQUAL(h2r_release(running), H2R_OK);
    int gates = 0;
    for (int i = 0; i < 2 + 6; i++) {
        H2rSlot *notice = NULL;
        CHECK_EQUAL(h2r_notice(epoch, waiter_new(), 0, &notice), H2R_OK);
        size_t len = 0;
        const uint8_t *bytes = result(notice, H2R_CAST_DROPPED, &len);
        gates += get_u64(bytes) == 4;
        CHECK_EQUAL(h2r_release(notice), H2R_OK);
    }
    CHECK_EQUAL(gates, 2);
    H2rSlot *none = NULL;
    CHECK_EQUAL(h2r_notice(epoch, waiter_new(), 0, &none), H2R_SHUTTING_DOWN);
    CHECK_EQUAL(stats().notices_dropped, 0);
    fixture_gate(true);
    await_no_slots();
    CHECK_EQUAL(fixture_arrived(), 1);

    uint64_t dropped = 0;
    enum { ROUNDS = 300 };
    for (int round = 0; round < ROUNDS; round++) {
        epoch = start(settings);
        H2rSlot *slot = batch_of(epoch, H2R_CAST, "add", numbers, 1);
        H2rSlot *two = batch_of(epoch, H2R_CAST, "add", numbers, 2);
        CHECK_EQUAL(h2r_cast(epoch, slot, NULL, 0), H2R_OK);
        CHECK_EQUAL(h2r_cast(epoch, two, NULL, 0), H2R_OK);
        CHECK_EQUAL(h2r_send(epoch, method("add"), (const uint8_t *)"\1\0\0\0\0\0\0", 8), H2R_OK);
        CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
        CHECK_EQUAL(h2r_release(two), H2R_OK);
        H2rSlot *notice = NULL;
        while (h2r_notice(epoch, waiter_new(), 0, &notice) == H2R_OK) {
            size_t len = 0;
            field(result(notice, H2R_CAST_DROPPED, &len), "add");
            CHECK_EQUAL(h2r_release(notice), H2R_OK);
            dropped++;
        }
    }
    await_no_slots();
    CHECK_EQUAL(fixture_adds() + dropped, 4 * ROUNDS);
    CHECK_EQUAL(waiters_alive(), 0);
}

const Scenario batches[] = {
    {"batch_arguments", batch_arguments},
    {"batch_refusals", batch_refusals},
    {"batch_answers_in_order", batch_answers_in_order},
    {"batch_of_undecodable_requests", batch_of_undecodable_requests},
    {"batch_answers_over_the_limit", batch_answers_over_the_limit},
    {"batch_answers_up_to_the_limit", batch_answers_up_to_the_limit},
    {"batch_answers_have_no_tails", batch_answers_have_no_tails},
    {"malformed_batches", malformed_batches},
    {"empty_batches", empty_batches},
    {"batch_of_tokens", batch_of_tokens},
    {"batch_of_tokens_at_shutdown", batch_of_tokens_at_shutdown},
    {"batch_cancelled_in_the_middle", batch_cancelled_in_the_middle},
    {"deinit_in_the_middle_of_a_batch", deinit_in_the_middle_of_a_batch},
    {"batch_of_casts", batch_of_casts},
    {"batch_of_casts_waits_for_room", batch_of_casts_waits_for_room},
    {"shutdown_drops_batches_of_casts", shutdown_drops_batches_of_casts},
    {NULL, NULL},
};
